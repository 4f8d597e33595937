import { z } from 'zod';
import type { Tree } from '#desk/engine/learning/trained-model.ts';

/** A node as ml-cart writes it: `distribution` at a leaf is the mean of its values. */
type CartNode = {
  readonly splitColumn?: number | undefined;
  readonly splitValue?: number | undefined;
  readonly distribution?: number | undefined;
  readonly left?: CartNode | undefined;
  readonly right?: CartNode | undefined;
};

const nodeSchema: z.ZodType<CartNode> = z.lazy(() =>
  z.looseObject({
    splitColumn: z.number().optional(),
    splitValue: z.number().optional(),
    distribution: z.number().optional(),
    left: nodeSchema.optional(),
    right: nodeSchema.optional(),
  }),
);

const treeSchema = z.looseObject({ root: nodeSchema });
const forestSchema = z.looseObject({
  baseModel: z.looseObject({ indexes: z.array(z.array(z.number())), estimators: z.array(treeSchema) }),
});

/** Writes a tree of ml-cart as columns. @param columns the feature each of its columns stands for */
function columnsOf(root: CartNode, columns: (column: number) => number): Tree {
  const tree: { [K in keyof Tree]: number[] } = { feature: [], threshold: [], left: [], right: [], value: [] };
  const add = (node: CartNode): number => {
    const at = tree.feature.length;
    const { left, right, splitColumn, splitValue } = node;
    const isLeaf = left === undefined || right === undefined || splitColumn === undefined || splitValue === undefined;
    tree.feature.push(isLeaf ? -1 : columns(splitColumn));
    tree.threshold.push(isLeaf ? 0 : splitValue);
    tree.value.push(isLeaf ? (node.distribution ?? 0) : 0);
    tree.left.push(0);
    tree.right.push(0);
    if (!isLeaf) {
      tree.left[at] = add(left);
      tree.right[at] = add(right);
    }
    return at;
  };
  add(root);
  return tree;
}

/** The plain form of what a model of the library says it is. */
const plain = (model: { toJSON(): unknown }): unknown => JSON.parse(JSON.stringify(model));

/** Returns a regression tree of ml-cart in the desk's format. */
export const treeOf = (model: { toJSON(): unknown }): Tree =>
  columnsOf(treeSchema.parse(plain(model)).root, (column) => column);

/** Returns the trees of ml-random-forest in the desk's format; each of them saw some of the features only. */
export function treesOf(model: { toJSON(): unknown }): readonly Tree[] {
  const { indexes, estimators } = forestSchema.parse(plain(model)).baseModel;
  return estimators.map(({ root }, i) => columnsOf(root, (column) => indexes[i]?.[column] ?? column));
}
