import { expect, it } from 'vitest';
import { newStage } from './stage.ts';
it('tries', async () => {
  const s = await newStage({ roots: ['NQ', 'GC'] });
  s.say('NQ', { direction: 1, confidence: 0.75 }); s.say('GC', { direction: 1, confidence: 0.75 });
  const rs = await s.propose();
  for (const r of rs) console.log(r.symbol, r.state, r.decision.status, r.decision.contracts, JSON.stringify(r.decision.zero), JSON.stringify(r.decision.walls.map(w => [w.code, w.allowed, w.unrounded, w.binds])), r.decision.kellyFraction, r.decision.riskPerContract, JSON.stringify(r.decision.ladder,null,0));
  expect(1).toBe(1);
});
