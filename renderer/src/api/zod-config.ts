import { z } from 'zod';

// The page's content policy refuses code made from strings; this must run before any schema is built.
z.config({ jitless: true });
