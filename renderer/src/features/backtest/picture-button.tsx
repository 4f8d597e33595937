import { savePicture } from '#renderer/src/features/performance/use-export.ts';
import type { PicturePart } from '#renderer/src/features/performance/use-export.ts';
import { Button } from '#renderer/src/ui/button.tsx';

/** Saves charts as one picture, as they stand on the screen. */
export function PictureButton({ parts, name }: { readonly parts: readonly PicturePart[]; readonly name: string }) {
  return (
    <Button
      size="small"
      variant="quiet"
      aria-label={`Save the picture ${name}`}
      onClick={() => void savePicture(parts, name)}
    >
      PNG
    </Button>
  );
}
