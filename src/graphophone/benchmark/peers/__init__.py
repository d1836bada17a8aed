"""Software that does what we do, each behind one adapter; the first one is ours."""

from graphophone.benchmark.contender import Peer
from graphophone.benchmark.peers.dasp import Dasp
from graphophone.benchmark.peers.grafx import Grafx
from graphophone.benchmark.peers.ours import Ours
from graphophone.benchmark.peers.pedalboard import Pedalboard
from graphophone.benchmark.peers.scipy import Scipy

PEERS: tuple[Peer, ...] = (Ours(), Scipy(), Pedalboard(), Grafx(), Dasp())
"""In the order of the table."""
