/** Hands a file to the window's own download. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken its own hold on the data by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
