// Runs the site's own search engine on the files of a folder: `node engine.js SITE SCRIPTS < questions.json`.
// A question is [method, query, options]; the answers are printed as JSON, in the same order.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');

const [site, scripts] = process.argv.slice(2);
const loaded = new Map();
const missing = [];

function text(file) {
  const data = fs.readFileSync(file);
  return data[0] === 0xff && data[1] === 0xfe ? data.toString('utf16le', 2) : data.toString('utf8');
}

function load(name) {
  if (!loaded.has(name)) {
    loaded.set(name, new Promise(function (resolve, reject) {
      window.archiveData = function (given, payload) {
        if (given + '.js' === name) resolve(payload);
      };
      try {
        vm.runInThisContext(text(path.join(site, name)));
      } catch (error) {
        missing.push(name);
        reject(Object.assign(error, { path: name }));
      }
    }));
  }
  return loaded.get(name);
}

global.window = global;
global.archive = { loader: { load: load } };
for (const name of ['text', 'index', 'terms', 'engine']) {
  vm.runInThisContext(text(path.join(scripts, 'search-' + name + '.js')));
}

const questions = JSON.parse(fs.readFileSync(0, 'utf8'));
(async function () {
  const answers = [];
  for (const [method, query, options] of questions) answers.push(await global.archive.search[method](query, options));
  process.stdout.write(JSON.stringify({ answers: answers, missing: missing, loaded: Array.from(loaded.keys()) }));
})();
