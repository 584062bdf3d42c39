// @ts-check
/**
 * The search engine: reads the shards that `integrity_archive.search` writes and answers queries.
 *
 *     archiveSearch('孟尝君 齐', { limit: 10 }).then(({ total, hits }) => …)
 *
 * A query is words with spaces between (all must occur), each an exact phrase; "quotes" keep spaces; -word excludes.
 * The format is described in search/build.py and search/postings.py. Needs loader.js.
 */
(function () {
  'use strict';

  var UNIT_BASE = 0x3000;
  var ESCAPE = 20;
  var MIX = 40503;
  /** Characters of a query that are looked at; nobody types more, and a pasted page must not hang. */
  var LONGEST = 200;
  /** Pairs read for one phrase; a longer one is checked in the text of the few candidates left. */
  var MOST_PAIRS = 8;
  /** Documents whose text is read to check a phrase that the index alone cannot decide. */
  var MOST_CHECKED = 300;
  /** Up to this many hits their texts carry the titles; beyond it the cards do. */
  var FEW_HITS = 50;

  /** Letters of pinyin that are looked at. */
  var MOST_TYPED = 120;
  /** Terms that letters alike may spell, whose entries are all shown. */
  var MOST_READINGS = 12;
  /** For hits that have only part of a query: how much of its weight they need, how many are shown, pairs looked up. */
  var ENOUGH = 0.45;
  var NEAR_HITS = 8;
  var NEAR_PAIRS = 16;
  /** Characters of an excerpt, and words that a link carries to its page. */
  var EXCERPT = 96;
  var MOST_WORDS = 6;
  var NOT_EXCERPTED = ['title', 'people', 'aliases', 'tags', 'places'];

  var CLASS_WEIGHTS = [9, 8, 4, 2, 0];
  var FIELD_CLASSES = { title: 0, people: 1, aliases: 1, tags: 2, places: 2, headings: 2, summary: 3 };
  var TERM_KINDS = ['people', 'title', 'aliases', 'places', 'headings'];
  var SINGLE_RANGES = [
    0x3005, 0x3007, 0x3021, 0x3029, 0x3041, 0x3096, 0x30a1, 0x30fa, 0x3105, 0x312f, 0x3400, 0x4dbf, 0x4e00, 0x9fff,
    0xac00, 0xd7a3, 0xf900, 0xfaff, 0x20000, 0x3ffff
  ];
  var WORD_RANGES = [
    0x30, 0x39, 0x61, 0x7a, 0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x24f, 0x370, 0x52f, 0x1e00, 0x1eff
  ];

  var load = window.archiveLoader.load;

  // ---- packed numbers ------------------------------------------------------------------------------------

  /** Reads codes from packed units, fifteen bits each. */
  class Bits {
    /** @param {string} text */
    constructor(text) {
      this.text = text;
      this.next = 0;
      this.unit = 0;
      this.left = 0;
    }

    refill() {
      if (this.next >= this.text.length) throw new RangeError('packed data ends early');
      this.unit = this.text.charCodeAt(this.next++) - UNIT_BASE;
      this.left = 15;
    }

    /** Zeros before the next one, which is read too; `most` zeros end it without a one. */
    zeros(most) {
      var count = 0;
      for (;;) {
        if (!this.left) this.refill();
        var run = this.unit ? this.left - (32 - Math.clz32(this.unit)) : this.left;
        if (count + run >= most) {
          this.left -= most - count;
          return most;
        }
        count += run;
        if (this.unit) {
          this.left -= run + 1;
          this.unit &= (1 << this.left) - 1;
          return count;
        }
        this.left = 0;
      }
    }

    /** An unsigned number of `width` bits, up to 52. */
    read(width) {
      var value = 0;
      while (width > 0) {
        if (!this.left) this.refill();
        var take = width < this.left ? width : this.left;
        this.left -= take;
        value = value * (1 << take) + (this.unit >>> this.left);
        this.unit &= (1 << this.left) - 1;
        width -= take;
      }
      return value;
    }

    rice(parameter) {
      var quotient = this.zeros(ESCAPE);
      return quotient === ESCAPE ? this.read(32) : quotient * Math.pow(2, parameter) + this.read(parameter);
    }

    gamma() {
      var width = this.zeros(60);
      return Math.pow(2, width) + this.read(width);
    }
  }

  /** The parameter that the builder chose for `count` numbers below `universe`. */
  function riceParameter(universe, count) {
    var mean = Math.max(Math.floor((universe * 11) / (count * 16)), 1);
    return 31 - Math.clz32(mean);
  }

  /** Class of the field where a document has it first: body, title or name, other head. */
  function readClass(bits) {
    if (!bits.read(1)) return 4;
    return bits.read(1) ? 2 : 0;
  }

  // ---- tables --------------------------------------------------------------------------------------------

  var ready = null;

  /** The manifest and tables, read once. */
  function index() {
    if (!ready) {
      ready = load('search/manifest.js').then(function (manifest) {
        return load('search/tables.' + manifest.tables + '.js').then(function (tables) {
          return makeIndex(manifest, tables);
        });
      });
      ready.catch(function () { ready = null; });
    }
    return ready;
  }

  function makeIndex(manifest, tables) {
    var names = {};
    var at = 0;
    Object.keys(manifest.families).forEach(function (family) {
      names[family] = { bits: manifest.families[family][0], first: at };
      at += manifest.families[family][1];
    });
    var bits = new Bits(tables[1]);
    var columns = manifest.parameters.map(function (parameter) {
      var column = new Uint32Array(manifest.documents);
      for (var i = 0; i < column.length; i++) column[i] = bits.rice(parameter);
      return column;
    });
    var slots = manifest.documents ? columns[0] : new Uint32Array(0);
    var starts = new Uint32Array(manifest.documents + 1);
    for (var d = 0; d < manifest.documents; d++) starts[d + 1] = starts[d] + slots[d];
    var owner = new Uint32Array(starts[manifest.documents]);
    for (d = 0; d < manifest.documents; d++) owner.fill(d, starts[d], starts[d + 1]);
    var sources = Array.from(tables[2]);
    var targets = Array.from(tables[3]);
    var folds = new Map();
    sources.forEach(function (source, i) { folds.set(source, targets[i]); });
    var textStarts = [0];
    for (var t = 0; t < tables[4].length; t++) {
      textStarts.push(textStarts[t] + tables[4].charCodeAt(t) - UNIT_BASE);
    }
    return {
      manifest: manifest,
      documents: manifest.documents,
      size: owner.length * manifest.slot,
      slots: slots,
      starts: starts,
      owner: owner,
      rooms: columns.slice(1),
      meanSlots: owner.length / Math.max(manifest.documents, 1),
      folds: folds,
      textStarts: textStarts,
      names: names,
      hashes: tables[0]
    };
  }

  /** Path of a shard, or null when it is empty. */
  function shardPath(ix, family, number) {
    var at = (ix.names[family].first + number) * 2;
    var value = (ix.hashes.charCodeAt(at) - UNIT_BASE) * 32768 + ix.hashes.charCodeAt(at + 1) - UNIT_BASE;
    if (!value) return null;
    var hash = '';
    for (var i = 0; i < 6; i++) {
      hash = 'abcdefghijklmnopqrstuvwxyz234567'.charAt(value % 32) + hash;
      value = Math.floor(value / 32);
    }
    return 'search/' + family + '-' + ('00' + number.toString(16)).slice(-Math.max(3, number.toString(16).length)) +
      '.' + hash + '.js';
  }

  /** A shard's payload; null when it is empty, or when it cannot be had, which is noted. */
  function shard(ix, family, number, faults) {
    var path = shardPath(ix, family, number);
    if (!path) return Promise.resolve(null);
    return load(path).catch(function (error) {
      faults.push(error.path || path);
      return undefined;
    });
  }

  // ---- folding and tokens --------------------------------------------------------------------------------

  function inRanges(code, ranges) {
    for (var i = 0; i < ranges.length; i += 2) if (code >= ranges[i] && code <= ranges[i + 1]) return true;
    return false;
  }

  /** Folded characters, one for each of the text's. @returns {string[]} */
  function foldChars(ix, text) {
    return Array.from(text, function (c) {
      var code = c.codePointAt(0);
      if (code >= 0xff01 && code <= 0xff5e) code -= 0xfee0;
      if (code >= 0x41 && code <= 0x5a) code += 0x20;
      var plain = String.fromCodePoint(code);
      return ix.folds.get(plain) || plain;
    });
  }

  function indexCode(c) {
    var code = c.codePointAt(0);
    return code > 0xffff ? 0xd800 + (code % 2048) : code;
  }

  /** Runs of single characters, and words, with their offsets. */
  function pieces(chars) {
    var found = [];
    var open = null;
    chars.forEach(function (c, i) {
      var code = c.codePointAt(0);
      var kind = inRanges(code, SINGLE_RANGES) ? 'run' : inRanges(code, WORD_RANGES) ? 'word' : '';
      if (!kind) open = null;
      else if (open && open.kind === kind) open.chars.push(c);
      else found.push((open = { kind: kind, at: i, chars: [c] }));
    });
    return found;
  }

  /** Split a query into phrases. @returns {{text: string, quoted: boolean, excluded: boolean}[]} */
  function parse(query) {
    var text = Array.from(String(query)).slice(0, LONGEST).join('');
    var pattern = /(^|[\s\u3000])([-－])?(?:["“”「『]([^"“”」』]*)["“”」』]|([^\s\u3000]+))/g;
    var found = [];
    var match;
    while ((match = pattern.exec(text))) {
      var quoted = match[3] !== undefined;
      var phrase = (quoted ? match[3] : match[4]).trim();
      if (phrase) found.push({ text: phrase, quoted: quoted, excluded: Boolean(match[2]) });
    }
    return found;
  }

  // ---- postings ------------------------------------------------------------------------------------------

  /** Find a key's list in a packed shard. Lists hold positions when `dense`, else documents and classes. */
  function findList(ix, packed, key, family) {
    var bits = new Bits(packed);
    var entries = bits.read(24);
    var parameter = bits.read(5);
    var current = -1;
    for (var e = 0; e < entries; e++) {
      current += bits.rice(parameter) + 1;
      var count = bits.gamma();
      var dense = family === 'pairs' && count > ix.manifest.rare;
      var width = riceParameter(dense ? ix.size : ix.documents, count);
      if (current === key) return readList(bits, count, width, dense);
      if (current > key) return null;
      for (var i = 0; i < count; i++) {
        bits.rice(width);
        if (!dense) readClass(bits);
      }
    }
    return null;
  }

  function readList(bits, count, width, dense) {
    var values = new Uint32Array(count);
    var classes = dense ? null : new Uint8Array(count);
    var value = -1;
    for (var i = 0; i < count; i++) {
      value += bits.rice(width) + 1;
      values[i] = value;
      if (classes) classes[i] = readClass(bits);
    }
    return { dense: dense, values: values, classes: classes };
  }

  /** A list, null when the key does not occur, undefined when its shard cannot be had. */
  function lookUp(ix, family, number, find, faults) {
    return shard(ix, family, number, faults).then(function (payload) {
      if (payload === null || payload === undefined) return payload;
      try {
        return find(payload);
      } catch (error) {
        faults.push(shardPath(ix, family, number));
        return undefined;
      }
    });
  }

  function pairList(ix, a, b, faults) {
    var bits = ix.names.pairs.bits;
    var first = indexCode(a);
    var second = indexCode(b);
    var number = (second + first * MIX) & ((1 << bits) - 1);
    var key = (second >>> bits) * 65536 + first;
    return lookUp(ix, 'pairs', number, function (packed) { return findList(ix, packed, key, 'pairs'); }, faults);
  }

  function charList(ix, c, faults) {
    var bits = ix.names.chars.bits;
    var code = indexCode(c);
    return lookUp(ix, 'chars', code & ((1 << bits) - 1), function (packed) {
      return findList(ix, packed, code >>> bits, 'chars');
    }, faults);
  }

  function wordHash(word) {
    var value = 2166136261;
    for (var i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 16777619) >>> 0;
    return value;
  }

  function wordList(ix, word, faults) {
    var number = wordHash(word) & ((1 << ix.names.words.bits) - 1);
    return lookUp(ix, 'words', number, function (payload) {
      var key = payload[0].split(' ').indexOf(word);
      return key < 0 ? null : findList(ix, payload[1], key, 'words');
    }, faults);
  }

  // ---- phrases -------------------------------------------------------------------------------------------

  /** What to look up for a phrase. */
  function plan(chars) {
    var parts = pieces(chars);
    var needs = [];
    var exact = parts.length === 1 && parts[0].chars.length === chars.length;
    parts.forEach(function (part) {
      var n = part.chars.length;
      if (part.kind === 'word') needs.push({ family: 'words', at: part.at, word: part.chars.join('') });
      else if (n === 1) needs.push({ family: 'chars', at: part.at, a: part.chars[0] });
      else {
        // Every second pair covers the run; an odd one ends on its last pair.
        for (var i = 0; i < n; i += 2) {
          var j = Math.min(i, n - 2);
          needs.push({ family: 'pairs', at: part.at + j, a: part.chars[j], b: part.chars[j + 1] });
        }
      }
      if (part.chars.some(function (c) { return c.length > 1; })) exact = false;
    });
    if (needs.length > MOST_PAIRS) {
      var step = needs.length / MOST_PAIRS;
      needs = Array.from({ length: MOST_PAIRS }, function (_, i) { return needs[Math.floor(i * step)]; });
      exact = false;
    }
    return { needs: needs, exact: exact };
  }

  /** Documents with a phrase: a map from document to {classes, count}, and whether all of it could be decided. */
  function findPhrase(ix, phrase, faults, checkAll) {
    var chars = foldChars(ix, phrase.text);
    if (!phrase.quoted) chars = trimmed(chars);
    var what = plan(chars);
    if (!what.needs.length) return Promise.resolve(new Map());
    return Promise.all(what.needs.map(function (need) {
      if (need.family === 'pairs') return pairList(ix, need.a, need.b, faults);
      return need.family === 'chars' ? charList(ix, need.a, faults) : wordList(ix, need.word, faults);
    })).then(function (lists) {
      if (lists.indexOf(null) >= 0) return new Map();
      var known = what.needs.map(function (need, i) { return { at: need.at, list: lists[i] }; })
        .filter(function (item) { return item.list; });
      if (!known.length) return new Map();
      var found = combine(ix, known);
      var decided = what.exact && known.length === what.needs.length &&
        (known.length === 1 || known.every(function (item) { return item.list.dense; }));
      var rare = known.length === 1 && !known[0].list.dense && found.size > 1 && found.size <= ix.manifest.rare;
      if (decided && !(rare && checkAll)) return found;
      return check(ix, found, chars.join(''), faults);
    });
  }

  /** Without separators at either end: a comma after a word is not part of what is looked for. */
  function trimmed(chars) {
    var parts = pieces(chars);
    if (!parts.length) return [];
    var last = parts[parts.length - 1];
    return chars.slice(parts[0].at, last.at + last.chars.length);
  }

  /** Intersect lists: positions with their offsets, then documents. */
  function combine(ix, known) {
    var dense = known.filter(function (item) { return item.list.dense; });
    var sparse = known.filter(function (item) { return !item.list.dense; });
    var found = null;
    if (dense.length) {
      dense.sort(function (a, b) { return a.list.values.length - b.list.values.length; });
      var places = dense[0].list.values;
      for (var i = 1; i < dense.length; i++) {
        places = shiftedCommon(places, dense[i].list.values, dense[i].at - dense[0].at);
      }
      found = placesByDocument(ix, places, dense[0].at);
    }
    sparse.forEach(function (item) {
      var documents = new Map();
      item.list.values.forEach(function (document, i) {
        var mine = { classes: 1 << item.list.classes[i], count: 1 };
        if (!found) documents.set(document, mine);
        else if (found.has(document)) {
          mine.classes |= found.get(document).classes;
          documents.set(document, mine);
        }
      });
      found = documents;
    });
    return found || new Map();
  }

  /** The places p for which p + shift is in the other list. */
  function shiftedCommon(places, others, shift) {
    var common = new Uint32Array(places.length);
    var n = 0;
    var j = 0;
    for (var i = 0; i < places.length; i++) {
      var wanted = places[i] + shift;
      while (j < others.length && others[j] < wanted) j++;
      if (j < others.length && others[j] === wanted) common[n++] = places[i];
    }
    return common.subarray(0, n);
  }

  /** Group places by document, noting the classes of field they fall in. */
  function placesByDocument(ix, places, at) {
    var found = new Map();
    var last = -1;
    var entry = null;
    for (var i = 0; i < places.length; i++) {
      var document = ix.owner[Math.floor(places[i] / ix.manifest.slot)];
      if (document !== last) found.set((last = document), (entry = { classes: 0, count: 0 }));
      entry.count++;
      entry.classes |= 1 << classAt(ix, document, places[i] - at - ix.starts[document] * ix.manifest.slot);
    }
    return found;
  }

  function classAt(ix, document, offset) {
    for (var c = 0; c < 4; c++) {
      offset -= ix.rooms[c][document];
      if (offset < 0) return c;
    }
    return 4;
  }

  /** Keep the candidates whose text has the phrase. Those that cannot be read are kept: partial beats nothing. */
  function check(ix, found, phrase, faults) {
    var documents = Array.from(found.keys());
    var checked = documents.slice(0, MOST_CHECKED);
    return texts(ix, checked, faults).then(function (records) {
      checked.forEach(function (document) {
        var record = records.get(document);
        if (!record) return;
        var entry = { classes: 0, count: 0 };
        recordFields(record).forEach(function (field) {
          var times = occurrences(foldChars(ix, field[1]).join(''), phrase);
          if (!times) return;
          entry.count += times;
          entry.classes |= 1 << fieldClass(field[0]);
        });
        if (entry.count) found.set(document, entry);
        else found.delete(document);
      });
      return found;
    });
  }

  function fieldClass(name) {
    return Object.prototype.hasOwnProperty.call(FIELD_CLASSES, name) ? FIELD_CLASSES[name] : 4;
  }

  function occurrences(text, phrase) {
    var count = 0;
    for (var at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) count++;
    return count;
  }

  // ---- texts ---------------------------------------------------------------------------------------------

  function textShard(ix, document) {
    var low = 0;
    var high = ix.textStarts.length - 1;
    while (high - low > 1) {
      var middle = (low + high) >> 1;
      if (ix.textStarts[middle] <= document) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Records of documents from their text shards. @returns {Promise<Map<number, any[]>>} */
  function texts(ix, documents, faults) {
    var numbers = Array.from(new Set(documents.map(function (document) { return textShard(ix, document); })));
    return Promise.all(numbers.map(function (number) { return shard(ix, 'texts', number, faults); }))
      .then(function (shards) {
        var byNumber = new Map(numbers.map(function (number, i) { return [number, shards[i]]; }));
        var found = new Map();
        documents.forEach(function (document) {
          var number = textShard(ix, document);
          var records = byNumber.get(number);
          var record = records && records[document - ix.textStarts[number]];
          if (record) found.set(document, record);
        });
        return found;
      });
  }

  function cards(ix, documents, faults) {
    var size = ix.manifest.cards;
    var numbers = Array.from(new Set(documents.map(function (document) { return Math.floor(document / size); })));
    return Promise.all(numbers.map(function (number) { return shard(ix, 'cards', number, faults); }))
      .then(function (blocks) {
        var byNumber = new Map(numbers.map(function (number, i) { return [number, blocks[i]]; }));
        return new Map(documents.map(function (document) {
          var block = byNumber.get(Math.floor(document / size));
          return [document, block && block[document % size]];
        }));
      });
  }

  /** Name, text and perhaps time of every field, the title first. */
  function recordFields(record) {
    return [['title', record[2]]].concat(record[4] || []);
  }

  // ---- ranking -------------------------------------------------------------------------------------------

  /** Score of a document for one phrase: rarity times field, coverage of title or name, and frequency. */
  function score(ix, document, entry, length, rarity) {
    var value = 0;
    for (var c = 0; c < 4; c++) if (entry.classes & (1 << c)) value += CLASS_WEIGHTS[c];
    for (c = 0; c < 2; c++) {
      var room = ix.rooms[c][document] - 1;
      if (entry.classes & (1 << c) && room > 0) value += CLASS_WEIGHTS[c] * Math.min(1, length / room);
    }
    var size = 0.4 + (0.6 * ix.slots[document]) / ix.meanSlots;
    return rarity * (value + (2 * entry.count) / (entry.count + 1.5 * size));
  }

  /** Documents that have all phrases and no excluded one, with their scores. */
  function evaluate(ix, phrases, faults, checkAll) {
    return Promise.all(phrases.map(function (phrase) {
      return findPhrase(ix, phrase, faults, checkAll);
    })).then(function (maps) {
      var scores = null;
      phrases.forEach(function (phrase, i) {
        if (phrase.excluded) return;
        var rarity = Math.log(1 + ix.documents / Math.max(1, maps[i].size));
        var length = Array.from(phrase.text).length;
        var next = new Map();
        maps[i].forEach(function (entry, document) {
          if (scores && !scores.has(document)) return;
          next.set(document, (scores ? scores.get(document) : 0) + score(ix, document, entry, length, rarity));
        });
        scores = next;
      });
      scores = scores || new Map();
      phrases.forEach(function (phrase, i) {
        if (phrase.excluded) maps[i].forEach(function (_, document) { scores.delete(document); });
      });
      return scores;
    });
  }

  function byScore(scores) {
    return Array.from(scores.keys()).sort(function (a, b) { return scores.get(b) - scores.get(a) || a - b; });
  }

  // ---- facets --------------------------------------------------------------------------------------------

  var facetTable = null;

  /** Names, values and documents of every facet. */
  function facets(ix, faults) {
    var path = 'search/facets.' + ix.manifest.facets + '.js';
    if (facetTable) return Promise.resolve(facetTable);
    return load(path).then(function (payload) {
      var bits = new Bits(payload[1]);
      facetTable = payload[0].map(function (facet) {
        return { name: facet[0], values: facet[1].map(function (value) {
          var count = bits.gamma();
          var width = riceParameter(ix.documents, count);
          var documents = new Set();
          for (var i = 0, at = -1; i < count; i++) documents.add((at += bits.rice(width) + 1));
          return { value: value, documents: documents };
        }) };
      });
      return facetTable;
    }).catch(function () {
      faults.push(path);
      return [];
    });
  }

  /** Filter by the chosen values; a facet's counts are what choosing another of its values would give. */
  function applyFacets(table, documents, filters) {
    var chosen = table.map(function (facet) {
      var wanted = filters[facet.name] || [];
      return facet.values.filter(function (item) { return wanted.indexOf(item.value) >= 0; });
    });
    function passes(document, except) {
      return chosen.every(function (items, i) {
        return i === except || !items.length ||
          items.some(function (item) { return item.documents.has(document); });
      });
    }
    return {
      documents: documents.filter(function (document) { return passes(document, -1); }),
      facets: table.map(function (facet, i) {
        var pool = documents.filter(function (document) { return passes(document, i); });
        return { name: facet.name, values: facet.values.map(function (item) {
          var count = pool.reduce(function (sum, document) { return sum + (item.documents.has(document) ? 1 : 0); }, 0);
          return { value: item.value, count: count, chosen: chosen[i].indexOf(item) >= 0 };
        }) };
      })
    };
  }

  /** Sorted by the place of a facet's value, such as period; documents without one come last. */
  function byFacet(table, name, documents) {
    var facet = table.filter(function (each) { return each.name === name; })[0];
    if (!facet) return documents;
    var rank = new Map(documents.map(function (document) {
      var place = facet.values.findIndex(function (item) { return item.documents.has(document); });
      return [document, place < 0 ? facet.values.length : place];
    }));
    return documents.slice().sort(function (a, b) { return rank.get(a) - rank.get(b) || a - b; });
  }

  // ---- the dictionary: suggestions, pinyin, near misses --------------------------------------------------

  var syllableOf = null;

  /** The usual syllable of each character. */
  function readings(ix, faults) {
    if (syllableOf) return Promise.resolve(syllableOf);
    var path = 'search/pinyin.' + ix.manifest.pinyin + '.js';
    return load(path).then(function (table) {
      var map = new Map();
      var syllables = new Set();
      table.split('|').forEach(function (group) {
        var syllable = /^[a-z]*/.exec(group)[0];
        syllables.add(syllable);
        Array.from(group.slice(syllable.length)).forEach(function (c) { map.set(c, syllable); });
      });
      syllableOf = { of: map, all: syllables };
      return syllableOf;
    }).catch(function () {
      faults.push(path);
      return { of: new Map(), all: new Set() };
    });
  }

  /** The terms filed under a key. */
  function termsUnder(ix, key, faults) {
    var number = wordHash(key) & ((1 << ix.names.terms.bits) - 1);
    return shard(ix, 'terms', number, faults).then(function (payload) {
      if (!payload || !Object.prototype.hasOwnProperty.call(payload, key)) return [];
      return payload[key].split('\n').map(function (line) {
        var parts = line.split('\t');
        return {
          text: parts[0], kind: TERM_KINDS[Number(parts[1])], order: Number(parts[1]), count: Number(parts[2]),
          document: Number(parts[3]), syllables: (parts[4] || '').split(' ').filter(Boolean),
          whole: key.charAt(0) === '='
        };
      });
    });
  }

  function termsUnderAll(ix, keys, faults) {
    return Promise.all(Array.from(new Set(keys)).map(function (key) { return termsUnder(ix, key, faults); }))
      .then(function (rows) { return [].concat.apply([], rows); });
  }

  /**
   * How well typed characters and letters spell a term from its start: 4 all of it, in one manner (all syllables in
   * full, or all initials); 3 its beginning in full syllables; 2 all of it, in mixed manners; 1 its beginning; 0 no.
   * So yang is 杨震 before it is 燕国 (yan-g), and li is 李忠 before it is 刘宠.
   */
  function spells(units, term) {
    var han = Array.from(term.text).filter(function (c) { return inRanges(c.codePointAt(0), SINGLE_RANGES); });
    var aligned = han.length === term.syllables.length;
    var memo = new Map();
    // Manners met so far: 1 a syllable in full, 2 an initial or a part.
    function from(u, s, manners) {
      if (u === units.length) {
        if (s === term.syllables.length) return manners === 3 ? 2 : 4;
        return manners > 1 ? 1 : 3;
      }
      if (s === term.syllables.length) return 0;
      var key = (u * 64 + s) * 4 + manners;
      if (memo.has(key)) return memo.get(key);
      var best = 0;
      var unit = units[u];
      if (unit.length > 1 || unit > '\u007f') {
        if (aligned && han[s] === unit) best = from(u + 1, s + 1, manners);
      } else {
        var syllable = term.syllables[s];
        for (var n = 1; n <= syllable.length && units[u + n - 1] === syllable.charAt(n - 1); n++) {
          // An initial, the whole syllable, a two-letter initial, or a syllable that is still being typed.
          var whole = n === 1 || n === syllable.length || (n === 2 && syllable.charAt(1) === 'h');
          var manner = n === syllable.length ? 1 : 2;
          if (whole || u + n === units.length) best = Math.max(best, from(u + n, s + 1, manners | manner));
        }
      }
      memo.set(key, best);
      return best;
    }
    return from(0, 0, 0);
  }

  /** The first two initials that typed letters may stand for: every way to cut a first syllable off. */
  function initialPairs(units, table) {
    var first = units[0];
    if (first > '\u007f') first = (table.of.get(first) || '').charAt(0);
    var pairs = [];
    function second(at) {
      var unit = units[at];
      if (unit === undefined) return;
      var letter = unit > '\u007f' ? (table.of.get(unit) || '').charAt(0) : unit;
      if (letter) pairs.push(first + letter);
    }
    second(1);
    if (units[0] <= '\u007f') {
      for (var n = 2; n <= 6 && n < units.length; n++) {
        if (table.all.has(units.slice(0, n).join(''))) second(n);
      }
    }
    return pairs;
  }

  /** Keys of a term typed to its end in letters alone: by initials, or in full. */
  function wholeKeys(units) {
    var lettersOnly = units.every(function (unit) { return unit <= '\u007f'; });
    return lettersOnly && units.length > 2 ? ['=' + units.join('')] : [];
  }

  function termOrder(a, b) {
    return b.match - a.match || a.order - b.order || b.count - a.count || a.text.length - b.text.length ||
      (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);
  }

  function distinct(terms) {
    var seen = new Set();
    return terms.filter(function (term) { return !seen.has(term.text) && seen.add(term.text); });
  }

  /** Letters and characters of a query for the dictionary; apostrophes and spaces only part syllables. */
  function typedUnits(ix, query) {
    return foldChars(ix, query).slice(0, MOST_TYPED).filter(function (c) {
      var code = c.codePointAt(0);
      return inRanges(code, SINGLE_RANGES) || inRanges(code, WORD_RANGES);
    });
  }

  /** Terms that a beginning of pinyin, characters or both may mean, best first. */
  function spelledTerms(ix, query, faults) {
    var units = typedUnits(ix, query);
    var letters = units.some(function (unit) { return unit <= '\u007f'; });
    if (!units.length) return Promise.resolve([]);
    if (!letters) {
      return termsUnder(ix, units.slice(0, 2).join(''), faults).then(function (terms) {
        return distinct(terms.map(function (term) {
          var chars = foldChars(ix, term.text).filter(function (c) { return inRanges(c.codePointAt(0), SINGLE_RANGES); });
          var starts = chars.join('').indexOf(units.join('')) === 0;
          return Object.assign(term, { match: starts ? (chars.length === units.length ? 4 : 3) : 0 });
        }).filter(function (term) { return term.match; }).sort(termOrder));
      });
    }
    return readings(ix, faults).then(function (table) {
      var keys = units.length === 1 ? [units[0]] : initialPairs(units, table).concat(wholeKeys(units));
      // One syllable in full, such as chun, is still the beginning of a name.
      if (units.length > 1 && table.all.has(units.join(''))) keys.push(units[0]);
      return termsUnderAll(ix, keys, faults).then(function (terms) {
        return distinct(terms.map(function (term) {
          return Object.assign(term, { match: term.whole ? 4 : spells(units, term) });
        }).filter(function (term) { return term.match; }).sort(termOrder));
      });
    });
  }

  /** Terms one slip away: a wrong, missing or extra character, or other characters of the same sound. */
  function nearTerms(ix, query, faults) {
    var chars = foldChars(ix, query).filter(function (c) { return inRanges(c.codePointAt(0), SINGLE_RANGES); });
    if (chars.length < 2 || chars.length > 24) return Promise.resolve([]);
    return readings(ix, faults).then(function (table) {
      var sound = chars.map(function (c) { return table.of.get(c) || '?'; });
      var n = chars.length;
      var keys = [chars[0] + chars[1], chars[n - 2] + chars[n - 1], sound[0].charAt(0) + sound[1].charAt(0)];
      if (n === 3) keys.push(chars[0] + chars[2]);
      if (n === 2) keys.push(chars[0], chars[1]);
      return termsUnderAll(ix, keys, faults).then(function (terms) {
        terms.forEach(function (term) {
          var mine = foldChars(ix, term.text).filter(function (c) { return inRanges(c.codePointAt(0), SINGLE_RANGES); });
          var same = term.syllables.length === n && term.syllables.join(' ') === sound.join(' ');
          var distance = slips(chars, mine);
          term.match = distance === 0 ? 0 : same ? (distance === 1 ? 4 : 3) : distance === 1 ? 2 : 0;
        });
        return distinct(terms.filter(function (term) { return term.match; }).sort(termOrder));
      });
    });
  }

  /** Edit distance, 2 meaning two or more. */
  function slips(a, b) {
    if (Math.abs(a.length - b.length) > 1) return 2;
    var start = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start++;
    var end = 0;
    while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    return Math.min(2, Math.max(a.length, b.length) - start - end);
  }

  // ---- excerpts ------------------------------------------------------------------------------------------

  /** Where phrases occur in a text, as ranges of characters, longest first where they overlap. */
  function marksIn(ix, chars, phrases) {
    // Joined by character, so that an index in the joined text can be turned into one in the array.
    var folded = foldChars(ix, chars.join(''));
    var joined = folded.join('');
    var wide = joined.length !== folded.length;
    var starts = null;
    if (wide) {
      starts = new Map();
      folded.reduce(function (at, c, i) { starts.set(at, i); return at + c.length; }, 0);
    }
    var ranges = [];
    phrases.forEach(function (phrase) {
      var size = Array.from(phrase).length;
      for (var at = joined.indexOf(phrase); at >= 0 && ranges.length < 200; at = joined.indexOf(phrase, at + phrase.length)) {
        var first = starts ? starts.get(at) : at;
        if (first !== undefined) ranges.push([first, first + size, phrase]);
      }
    });
    ranges.sort(function (a, b) { return a[0] - b[0] || b[1] - a[1]; });
    return ranges.filter(function (range, i) { return !i || range[0] >= ranges[i - 1][1]; });
  }

  /** Pieces of text, marked and not, of about `room` characters around the first mark. */
  function excerpt(ix, text, phrases, room) {
    var chars = Array.from(text.replace(/\s+/g, ' '));
    var marks = marksIn(ix, chars, phrases);
    var from = marks.length ? Math.max(0, marks[0][0] - Math.floor(room / 3)) : 0;
    var to = Math.min(chars.length, from + room);
    from = Math.max(0, Math.min(from, to - room));
    var out = from ? [['…', false]] : [];
    var at = from;
    marks.forEach(function (mark) {
      if (mark[0] < at || mark[1] > to) return;
      if (mark[0] > at) out.push([chars.slice(at, mark[0]).join(''), false]);
      out.push([chars.slice(mark[0], mark[1]).join(''), true]);
      at = mark[1];
    });
    if (at < to) out.push([chars.slice(at, to).join('') + (to < chars.length ? '…' : ''), false]);
    return out;
  }

  /** What one hit shows: title and excerpt in pieces, the time when it is a caption, the words as the page has them. */
  function describe(ix, record, phrases) {
    var best = null;
    var time;
    var words = new Set();
    recordFields(record).forEach(function (field) {
      var chars = Array.from(field[1]);
      var marks = marksIn(ix, chars, phrases);
      marks.forEach(function (mark) { if (words.size < MOST_WORDS) words.add(chars.slice(mark[0], mark[1]).join('')); });
      if (NOT_EXCERPTED.indexOf(field[0]) >= 0) return;
      var found = new Set(marks.map(function (mark) { return mark[2]; })).size;
      if (!best || found > best.found) {
        best = { found: found, text: field[1] };
        time = found && field.length > 2 ? field[2] : undefined;
      }
    });
    return {
      titleParts: excerpt(ix, record[2], phrases, 200),
      excerpt: best ? excerpt(ix, best.text, phrases, EXCERPT) : [],
      time: time,
      words: Array.from(words)
    };
  }

  /** A link to the page that carries the words to mark, and the time to play from. */
  function hitLink(url, words, time) {
    var parts = [];
    if (time !== undefined) parts.push('t=' + time);
    if (words.length) parts.push('q=' + words.map(encodeURIComponent).join('+'));
    if (!parts.length) return url;
    return url + (url.indexOf('#') >= 0 ? '&' : '#') + parts.join('&');
  }

  /** Lone surrogates would make encodeURIComponent throw. */
  function wellFormed(text) {
    return Array.from(text, function (c) {
      var code = c.codePointAt(0);
      return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : c;
    }).join('');
  }

  /** The hits of these documents, in order. */
  function present(ix, documents, phrases, faults) {
    var shown = phrases.filter(function (phrase) { return !phrase.excluded; });
    var words = shown.map(function (phrase) { return wellFormed(phrase.text); });
    var folded = shown.map(function (phrase) { return trimmed(foldChars(ix, phrase.text)).join(''); }).filter(Boolean);
    var few = documents.length <= FEW_HITS;
    return (few ? texts : cards)(ix, documents, faults).then(function (records) {
      var unread = documents.filter(function (document) { return !records.get(document); });
      if (!few || !unread.length) return { whole: records, bare: records };
      return cards(ix, unread, faults).then(function (bare) { return { whole: records, bare: bare }; });
    }).then(function (records) {
      return documents.map(function (document) {
        var text = few && records.whole.get(document);
        var record = text || records.bare.get(document);
        if (!record) return null;
        var url = record[1] || record[0] + '.html';
        var hit = { id: record[0], url: url, title: record[2], kind: record[3] };
        // Without its text a hit still has its title and its address.
        if (few) Object.assign(hit, text ? describe(ix, text, folded) : { titleParts: [[record[2], false]], excerpt: [], words: [] });
        return Object.assign(hit, { link: hitLink(url, hit.words || words, hit.time) });
      }).filter(Boolean);
    });
  }

  // ---- the query -----------------------------------------------------------------------------------------

  /** Documents for a query with nothing found: those of the terms its pinyin spells, best terms first. */
  function byPinyin(ix, query, faults, checkAll) {
    if (!/[a-zA-Z]/.test(query)) return Promise.resolve(null);
    return spelledTerms(ix, query, faults).then(function (terms) {
      var alike = terms.filter(function (term) { return term.match === terms[0].match; });
      var best = alike.slice(0, MOST_READINGS);
      if (!best.length) return null;
      return Promise.all(best.map(function (term) {
        return evaluate(ix, [{ text: term.text, quoted: true, excluded: false }], faults, checkAll);
      })).then(function (results) {
        var scores = new Map();
        // What each term itself finds first comes first, then what else has it.
        results.forEach(function (found, i) {
          var first = byScore(found)[0];
          found.forEach(function (value, document) {
            var mine = value + (document === first ? 1e6 - i * 1e4 : 0);
            scores.set(document, Math.max(mine, scores.get(document) || 0));
          });
        });
        return { scores: scores, terms: best, more: alike.length - best.length };
      });
    });
  }

  /**
   * Hits with much of a query that none has whole: its words apart, or with a comma between them. Never counted among
   * the results, which are exact.
   */
  function partial(ix, phrases, faults) {
    var needs = [];
    phrases.forEach(function (phrase) {
      pieces(foldChars(ix, phrase.text)).forEach(function (part) {
        var n = part.chars.length;
        if (phrase.excluded) return;
        if (part.kind === 'word') needs.push({ text: part.chars.join(''), find: function () { return wordList(ix, part.chars.join(''), faults); } });
        for (var i = 0; part.kind === 'run' && i + 1 < n; i++) needs.push(pairNeed(part.chars[i], part.chars[i + 1]));
      });
    });
    function pairNeed(a, b) { return { text: a + b, find: function () { return pairList(ix, a, b, faults); } }; }
    needs = needs.slice(0, NEAR_PAIRS);
    if (needs.length < 2 || phrases.some(function (phrase) { return phrase.excluded; })) return Promise.resolve([]);
    return Promise.all(needs.map(function (need) { return need.find(); })).then(function (lists) {
      var scores = new Map();
      var most = 0;
      lists.forEach(function (list) {
        var found = list ? combine(ix, [{ at: 0, list: list }]) : new Map();
        var weight = Math.log(1 + ix.documents / (found.size || 1));
        most += found.size ? weight : weight / 2; // a pair nobody has says little: it may run over a comma
        found.forEach(function (_, document) { scores.set(document, (scores.get(document) || 0) + weight); });
      });
      var documents = byScore(scores).filter(function (document) { return scores.get(document) >= most * ENOUGH; });
      var shown = needs.map(function (need) { return { text: need.text, quoted: true, excluded: false }; });
      return present(ix, documents.slice(0, NEAR_HITS), shown, faults);
    });
  }

  /**
   * Search.
   * @param {string} query
   * @param {{limit?: number, offset?: number, sort?: string, filters?: Object<string, string[]>, facets?: boolean}} [options]
   */
  function search(query, options) {
    var wish = Object.assign({ limit: 10, offset: 0, sort: 'score', filters: {}, facets: false }, options);
    var faults = [];
    var phrases = parse(query);
    var result = { query: String(query), total: 0, hits: [], facets: [], faults: faults, via: [], viaMore: 0, nearest: [], near: [] };
    if (!phrases.some(function (phrase) { return !phrase.excluded; })) return Promise.resolve(result);
    return index().then(function (ix) {
      return evaluate(ix, phrases, faults, wish.limit > 0).then(function (scores) {
        if (scores.size || phrases.some(function (phrase) { return phrase.quoted; })) return scores;
        return byPinyin(ix, query, faults, wish.limit > 0).then(function (found) {
          if (!found || !found.scores.size) return scores;
          result.viaMore = found.more;
          result.via = found.terms.map(function (term) { return term.text; });
          phrases = result.via.map(function (text) { return { text: text, quoted: true, excluded: false }; });
          return found.scores;
        });
      }).then(function (scores) {
        var documents = byScore(scores);
        var filtering = wish.facets || wish.sort === 'period' || Object.keys(wish.filters).length;
        return (filtering ? facets(ix, faults) : Promise.resolve([])).then(function (table) {
          if (filtering) {
            var narrowed = applyFacets(table, documents, wish.filters);
            documents = narrowed.documents;
            if (wish.facets) result.facets = narrowed.facets;
          }
          if (wish.sort === 'order') documents.sort(function (a, b) { return a - b; });
          if (wish.sort === 'period') documents = byFacet(table, 'period', documents);
          result.total = documents.length;
          return present(ix, documents.slice(wish.offset, wish.offset + wish.limit), phrases, faults);
        });
      }).then(function (hits) {
        result.hits = hits;
        if (result.total || Object.keys(wish.filters).length) return result;
        return nearTerms(ix, query, faults).then(function (terms) {
          result.nearest = terms.slice(0, 6).map(function (term) { return term.text; });
          return wish.limit ? partial(ix, phrases, faults) : [];
        }).then(function (near) {
          result.near = near;
          return result;
        });
      });
    }).then(function (done) {
      done.faults = Array.from(new Set(faults));
      return done;
    }, function (error) {
      // Without manifest or tables there is nothing to search; say so rather than fail.
      result.faults = [error.path || 'search/manifest.js'];
      return result;
    });
  }

  /** Suggestions for what is being typed: terms, best first. */
  function suggest(query, limit) {
    var faults = [];
    return index().then(function (ix) {
      return spelledTerms(ix, query, faults).then(function (terms) {
        return terms.length ? terms : nearTerms(ix, query, faults);
      });
    }).then(function (terms) {
      return terms.slice(0, limit || 8).map(function (term) { return { text: term.text, kind: term.kind }; });
    }, function () { return []; });
  }

  /** Numbers of all documents found, for tests and measurements. */
  function numbers(query) {
    var faults = [];
    return index().then(function (ix) {
      return evaluate(ix, parse(query), faults, false);
    }).then(byScore);
  }

  window.archiveSearch = Object.assign(search, { suggest: suggest, numbers: numbers, warm: index });
})();
