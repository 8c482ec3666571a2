// SPDX-License-Identifier: Apache-2.0
// What the commit of a definition writes to `_lifecycle` (CommitChaincodeDefinition of core/chaincode/lifecycle/lifecycle.go).
import type { ChaincodeDefinition } from '../../../common/network/types.ts';
import { lifecycle, protos } from '../../../common/protos/index.ts';
import { describedChaincodes } from '../described-chaincodes.ts';

/** Values by key. */
export function definitionWrites(
  definition: ChaincodeDefinition,
): Readonly<Record<string, Uint8Array>> {
  const { StateData, StateMetadata, ChaincodeEndorsementInfo, ChaincodeValidationInfo } = lifecycle;
  const fields = ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections'];
  return Object.fromEntries(
    describedChaincodes([definition]).flatMap((one) => {
      const { name, sequence } = one;
      const endorsement = ChaincodeEndorsementInfo.encode({
        version: one.version,
        endorsement_plugin: one.endorsementPlugin,
      });
      const validation = ChaincodeValidationInfo.encode({
        validation_plugin: one.validationPlugin,
        validation_parameter: one.validationParameter,
      });
      const config = one.collections.map((coll) => ({ static_collection_config: coll }));
      const collections = protos.CollectionConfigPackage.encode({ config });
      const values = [
        { Int64: sequence },
        ...[endorsement, validation, collections].map((writer) => ({ Bytes: writer.finish() })),
      ];
      const datatype = 'ChaincodeDefinition';
      return [
        [`namespaces/metadata/${name}`, StateMetadata.encode({ datatype, fields }).finish()],
        ...fields.map((field, i) => [
          `namespaces/fields/${name}/${field}`,
          StateData.encode(values[i] ?? {}).finish(),
        ]),
      ];
    }),
  );
}
