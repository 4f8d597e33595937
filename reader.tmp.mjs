import Database from 'better-sqlite3'; import fs from 'node:fs';
const rows=()=>{try{return fs.readFileSync('/tmp/soak-reader.log','utf8').split('\n').filter(l=>l.startsWith('{')).length}catch{return 0}};
const folder=()=>fs.readFileSync('/tmp/soak-reader.log','utf8').split('\n').find(l=>l.startsWith('FOLDER'))?.slice(7);
while(rows()<1) await new Promise(r=>setTimeout(r,500));
const db=new Database(folder()+'/journal.db',{readonly:true}); db.exec('BEGIN'); db.prepare('SELECT count(*) FROM events').get(); console.log('holding');
while(rows()<3) await new Promise(r=>setTimeout(r,500)); db.exec('COMMIT'); db.close(); console.log('released');
