declare module "elkjs/lib/elk-api.js" {
  export { default } from "elkjs";
}
