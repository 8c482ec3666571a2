import {
  GatewayService
} from "./chunk-V5KREMOY.js";
import "./chunk-R4E6L3MR.js";
import "./chunk-4AZXMRM6.js";
export {
  GatewayService
};
