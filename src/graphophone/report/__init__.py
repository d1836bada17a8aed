"""The page that a person looks at and listens to: one self-contained HTML file."""
