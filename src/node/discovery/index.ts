// SPDX-License-Identifier: Apache-2.0
export {
  EndorsementAnalyzer,
  type EndorsementAnalyzerComponents,
  type EndorsementOf,
} from './endorsement-analyzer.ts';
export type { EndorsementInterest, EndorsementPlan } from './endorsement-plan.ts';
export { layoutsOf } from './layouts.ts';
