import ts from 'typescript';

type Rule = { readonly says: string; readonly breaks: (node: ts.Node, file: string) => boolean };

const IPC_FILES = ['electron/shells/electron/trusted-ipc.ts', 'electron/shells/electron/main.ts'];
/** What must be off in a window, or must not be named at all (Electron's checklist, items 2–4, 6, 8–11). */
const FORBIDDEN_ON = ['nodeIntegration', 'nodeIntegrationInWorker', 'nodeIntegrationInSubFrames', 'webviewTag'];
const FORBIDDEN_OFF = ['contextIsolation', 'sandbox', 'webSecurity'];
const NEVER_NAMED = [
  'allowRunningInsecureContent',
  'experimentalFeatures',
  'enableBlinkFeatures',
  'enableRemoteModule',
];
const NEVER_CALLED = ['eval', 'executeJavaScript', 'insertCSS', 'fork'];
const MARKUP = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML', 'srcdoc'];

const nameOf = (node: ts.Node): string | null => {
  if (ts.isIdentifier(node) || ts.isStringLiteral(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return null;
};
const isUsed = (node: ts.Node, name: string): boolean =>
  ts.isIdentifier(node) &&
  node.text === name &&
  !ts.isImportSpecifier(node.parent) &&
  !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node);
const isSet = (node: ts.Node, names: readonly string[], kind: ts.SyntaxKind): boolean =>
  ts.isPropertyAssignment(node) && names.includes(nameOf(node.name) ?? '') && node.initializer.kind === kind;

/** Says whether a text is an address without encryption of another machine. */
function isPlainAddress(text: string): boolean {
  const match = /^(?:http|ws):\/\/([^/:]*)/.exec(text);
  return match !== null && !['', '127.0.0.1', 'localhost', '[', 'unused'].includes(match[1] ?? '');
}

const RULES: readonly Rule[] = [
  {
    says: '1: an address without encryption of another machine',
    breaks: (node) =>
      (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node)) &&
      isPlainAddress(node.text),
  },
  {
    says: '2, 11: Node or a webview for the page',
    breaks: (node) => isSet(node, FORBIDDEN_ON, ts.SyntaxKind.TrueKeyword),
  },
  {
    says: '3, 4, 6: isolation, sandbox or web security switched off',
    breaks: (node) => isSet(node, FORBIDDEN_OFF, ts.SyntaxKind.FalseKeyword),
  },
  {
    says: '4: a process without its sandbox',
    // The browser the desk is shown in as root, where Chromium has none.
    breaks: (node, file) =>
      ts.isStringLiteral(node) && node.text.includes('no-sandbox') && file !== 'electron/shells/cli/browser.ts',
  },
  {
    says: '8–10: a switch that weakens the page',
    breaks: (node) => (ts.isIdentifier(node) || ts.isStringLiteral(node)) && NEVER_NAMED.includes(node.text),
  },
  {
    says: '14, 15: the system’s browser, asked from elsewhere than security.ts',
    breaks: (node, file) =>
      ts.isIdentifier(node) && node.text === 'openExternal' && file !== 'electron/shells/electron/security.ts',
  },
  {
    says: '17: a channel that is not behind trusted-ipc.ts',
    breaks: (node, file) => isUsed(node, 'ipcMain') && !IPC_FILES.includes(file),
  },
  {
    says: '17: a handler outside of trusted-ipc.ts',
    breaks: (node, file) =>
      ts.isPropertyAccessExpression(node) && nameOf(node.expression) === 'ipcMain' && file !== IPC_FILES[0],
  },
  {
    says: '18: a page from a file',
    breaks: (node) =>
      (ts.isIdentifier(node) && node.text === 'loadFile') || (ts.isStringLiteral(node) && /^file:\/\//.test(node.text)),
  },
  {
    says: '20: raw Electron handed to the page',
    breaks: (node, file) =>
      isUsed(node, 'ipcRenderer') &&
      (file !== 'electron/shells/electron/preload.ts' || !ts.isPropertyAccessExpression(node.parent)),
  },
  {
    says: '7: code or markup made of text',
    breaks: (node) =>
      (ts.isCallExpression(node) && NEVER_CALLED.includes(nameOf(node.expression) ?? '')) ||
      (ts.isNewExpression(node) && nameOf(node.expression) === 'Function') ||
      (ts.isIdentifier(node) && MARKUP.includes(node.text)),
  },
];

/**
 * What of Electron's security checklist a source file breaks, as far as it shows in the text; the number is the item's.
 * @param file path from the root, with '/'
 */
export function brokenRules(file: string, text: string): readonly string[] {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    for (const { says, breaks } of RULES) {
      if (!breaks(node, file)) continue;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} ${says}`);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}
