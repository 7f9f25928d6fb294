// Functions of every console page: requests and tables. The page defines load(), and scope(): the account or project to act in.
let scope;
const byId = id => document.getElementById(id);
async function send(method, what, body) {
  const response = await fetch('/_console/' + what, {method, body});
  const answer = await response.json();
  byId('message').textContent = response.ok ? '' : JSON.stringify(answer);
  if (method !== 'GET') load();
  return answer;
}
const act = (method, path, body) =>
  fetch('/_console/act', {method: 'POST', body: JSON.stringify({...scope(), method, path, body})})
    .then(async response => {
      const answer = await response.json();
      if (!response.ok) byId('message').textContent = JSON.stringify(answer.error ?? answer.errors);
      return answer;
    });
async function change(method, path, body) { byId('message').textContent = ''; await act(method, path, body); load(); }

function rows(id, heads, items) {
  const table = byId(id);
  table.replaceChildren();
  const head = table.insertRow();
  heads.forEach(text => { const th = document.createElement('th'); th.textContent = text; head.append(th); });
  items.forEach(cells => {
    const row = table.insertRow();
    cells.forEach(cell => {
      const td = row.insertCell();
      [].concat(cell).forEach(part => td.append(part instanceof Node ? part : String(part ?? '')));
    });
  });
}
function button(text, work) {
  const element = document.createElement('button');
  element.textContent = text;
  element.onclick = work;
  return element;
}
async function loadLog() {
  const get = what => fetch('/_console/' + what).then(response => response.json());
  rows('faults', ['id', 'method', 'path', 'effect', 'left', ''], (await get('faults')).map(f => [f.id, f.method, f.path, f.effect,
    f.left, f.held ? [button('Release', () => send('POST', `faults/${f.id}/release`)), button('Drop', () => send('POST', `faults/${f.id}/drop`))] : '']));
  rows('counts', ['request', 'count'], Object.entries(await get('requests/counts')));
  rows('requests', ['time', 'project', 'request', 'status', 'ms', 'caller'], (await get('requests?count=50')).map(r =>
    [r.time, r.project, r.method + ' ' + r.path + (r.query ? '?' + r.query : ''), r.status || 'reset', r.millis.toFixed(1), r.caller]));
}
