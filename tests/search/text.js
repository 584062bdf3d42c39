// Runs the site's own `archive.searchText` on texts: `node text.js SCRIPTS < {"folds": [from, to], "asked": [[text, words]]}`.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');

global.window = global;
global.archive = {};
vm.runInThisContext(fs.readFileSync(path.join(process.argv[2], 'search-text.js'), 'utf8'));

const { folds, asked } = JSON.parse(fs.readFileSync(0, 'utf8'));
const targets = Array.from(folds[1]);
const table = new Map(Array.from(folds[0], function (c, i) { return [c, targets[i]]; }));
const { normalise, occurrences } = global.archive.searchText;
process.stdout.write(JSON.stringify(asked.map(function (question) {
  const words = question[1].map(function (word) { return normalise(word, table).chars.join(''); });
  const marks = occurrences(question[0], words, table).map(function (mark) { return question[0].slice(mark[0], mark[1]); });
  return { normal: normalise(question[0], table).chars.join(''), marks: marks };
})));
