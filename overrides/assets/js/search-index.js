/**
 * The search index: reads the shards that `integrity_archive.search` writes, and finds which documents have a phrase.
 * The format is described in search/build.py and search/postings.py. Needs loader.js and search-text.js.
 *
 * After an edit the index has two segments: the base, and an overlay with the documents edited or added since
 * (search/overlay.py). Documents are numbered through both, by id, as in an index built at once. What a segment lists
 * is put into these numbers as it is read; all else knows nothing of segments.
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
  /** What a shard not named as large counts for, in kilobytes, when pairs are chosen. */
  var USUAL = 16;
  /** With this few candidates large shards are not read: the texts, which are shown anyway, decide. */
  var FEW_CANDIDATES = 10;
  /** More than the classes of field, 0 to 4, so that a document and a class make one number. */
  var CLASSES = 8;

  /** @type {Record<string, number>} */
  var FIELD_CLASSES = { title: 0, people: 1, aliases: 1, tags: 2, places: 2, headings: 2, summary: 3 };
  var archive = window.archive;
  var load = archive.loader.load;
  var { normalise, visible, inRanges, SINGLE_RANGES, WORD_RANGES } = archive.searchText;

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

    /** Zeros before the next one, which is read too; `most` zeros end it without a one. @param {number} most */
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

    /** An unsigned number of `width` bits, up to 52. @param {number} width */
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

    /** @param {number} parameter */
    rice(parameter) {
      var quotient = this.zeros(ESCAPE);
      return quotient === ESCAPE ? this.read(32) : quotient * Math.pow(2, parameter) + this.read(parameter);
    }

    gamma() {
      var width = this.zeros(60);
      return Math.pow(2, width) + this.read(width);
    }
  }

  /** The parameter that the builder chose for `count` numbers below `universe`. @param {number} universe @param {number} count */
  function riceParameter(universe, count) {
    var mean = Math.max(Math.floor((universe * 11) / (count * 16)), 1);
    return 31 - Math.clz32(mean);
  }

  /** Class of the field where a document has it first: body, title or name, other head. @param {Search.BitReader} bits */
  function readClass(bits) {
    if (!bits.read(1)) return 4;
    return bits.read(1) ? 2 : 0;
  }

  // ---- tables --------------------------------------------------------------------------------------------

  /** @type {Promise<Search.Index> | null} */
  var ready = null;

  /** The manifest and tables, read once. */
  function index() {
    if (!ready) {
      ready = load('search/manifest.js').then(function (found) {
        var manifest = /** @type {Search.Manifest} */ (found);
        var parts = manifest.overlay ? [manifest, manifest.overlay] : [manifest];
        return Promise.all(parts.map(function (part) {
          return load('search/tables.' + part.tables + '.js').then(function (tables) {
            return makeSegment(manifest, part, /** @type {Search.Tables} */ (tables));
          });
        })).then(function (segments) { return makeIndex(manifest, segments); });
      });
      ready.catch(function () { ready = null; });
    }
    return ready;
  }

  /** @param {Search.Manifest} manifest @param {Search.SegmentInfo} part of it, about this segment @param {Search.Tables} tables @returns {Search.Segment} */
  function makeSegment(manifest, part, tables) {
    /** @type {Record<string, {bits: number, first: number}>} */
    var names = {};
    var at = 0;
    Object.keys(part.families).forEach(function (family) {
      names[family] = { bits: part.families[family][0], first: at };
      at += part.families[family][1];
    });
    var bits = new Bits(tables[1]);
    var columns = part.parameters.map(function (parameter) {
      var column = new Uint32Array(part.documents);
      for (var i = 0; i < column.length; i++) column[i] = bits.rice(parameter);
      return column;
    });
    var slots = part.documents ? columns[0] : new Uint32Array(0);
    var sources = Array.from(tables[2]);
    var targets = Array.from(tables[3]);
    var folds = new Map();
    sources.forEach(function (source, i) { folds.set(source, targets[i]); });
    var textStarts = [0];
    var sizes = new Bits(tables[4]);
    for (var t = 0; textStarts[t] < part.documents; t++) textStarts.push(textStarts[t] + sizes.gamma());
    var large = new Map();
    for (var l = 0; l < tables[5].length; l += 2) {
      large.set(tables[5].charCodeAt(l) - UNIT_BASE, tables[5].charCodeAt(l + 1) - UNIT_BASE);
    }
    var layout = layOut(slots);
    return {
      documents: part.documents,
      rare: part.rare,
      size: layout.owner.length * manifest.slot,
      slots: slots,
      starts: layout.starts,
      owner: layout.owner,
      rooms: columns.slice(1),
      folds: folds,
      textStarts: textStarts,
      large: large,
      names: names,
      hashes: tables[0],
      numbers: new Int32Array(part.documents)
    };
  }

  /** Where each document begins, and whose each slot is. @param {Uint32Array} slots of each document */
  function layOut(slots) {
    var starts = new Uint32Array(slots.length + 1);
    for (var d = 0; d < slots.length; d++) starts[d + 1] = starts[d] + slots[d];
    var owner = new Uint32Array(starts[slots.length]);
    for (d = 0; d < slots.length; d++) owner.fill(d, starts[d], starts[d + 1]);
    return { starts: starts, owner: owner };
  }

  /** @param {Search.Manifest} manifest @param {Search.Segment[]} segments @returns {Search.Index} */
  function makeIndex(manifest, segments) {
    var homes = numbered(manifest, segments);
    /** @param {(segment: Search.Segment) => Uint32Array} column */
    function joined(column) {
      var values = new Uint32Array(homes.length);
      for (var i = 0; i < homes.length; i++) values[i] = column(homes[i].segment)[homes[i].number];
      return values;
    }
    var slots = joined(function (segment) { return segment.slots; });
    var layout = layOut(slots);
    return {
      manifest: manifest,
      segments: segments,
      homes: homes,
      terms: segments[segments.length - 1],
      documents: homes.length,
      slots: slots,
      starts: layout.starts,
      owner: layout.owner,
      rooms: [0, 1, 2, 3].map(function (c) { return joined(function (segment) { return segment.rooms[c]; }); }),
      meanSlots: layout.owner.length / Math.max(homes.length, 1),
      folds: new Map(segments.reduce(function (all, segment) {
        return all.concat(Array.from(segment.folds));
      }, /** @type {[string, string][]} */ ([])))
    };
  }

  /**
   * Number the documents of all segments; an overlay says which of its base are masked, and which numbers are its own.
   * @param {Search.Manifest} manifest
   * @param {Search.Segment[]} segments
   */
  function numbered(manifest, segments) {
    var over = manifest.overlay || { numbers: [], masked: [] };
    var masked = new Set(over.masked);
    /** @type {Search.Home[]} */
    var homes = new Array(manifest.documents - masked.size + over.numbers.length);
    over.numbers.forEach(function (number, n) { homes[number] = { segment: segments[1], number: n }; });
    var next = 0;
    for (var d = 0; d < manifest.documents; d++) {
      if (masked.has(d)) {
        segments[0].numbers[d] = -1;
        continue;
      }
      while (homes[next]) next++;
      homes[next] = { segment: segments[0], number: d };
    }
    homes.forEach(function (home, number) { home.segment.numbers[home.number] = number; });
    return homes;
  }

  /** Path of a shard, or null when it is empty. @param {Search.Segment} segment @param {string} family @param {number} number */
  function shardPath(segment, family, number) {
    var at = (segment.names[family].first + number) * 2;
    var value = (segment.hashes.charCodeAt(at) - UNIT_BASE) * 32768 + segment.hashes.charCodeAt(at + 1) - UNIT_BASE;
    if (!value) return null;
    var hash = '';
    for (var i = 0; i < 6; i++) {
      hash = 'abcdefghijklmnopqrstuvwxyz234567'.charAt(value % 32) + hash;
      value = Math.floor(value / 32);
    }
    return 'search/' + family + '-' + ('00' + number.toString(16)).slice(-Math.max(3, number.toString(16).length)) +
      '.' + hash + '.js';
  }

  /** A shard's payload; null when it is empty, or when it cannot be had, which is noted. @param {Search.Segment} segment @param {string} family @param {number} number @param {string[]} faults @returns {Promise<unknown>} */
  function shard(segment, family, number, faults) {
    var path = shardPath(segment, family, number);
    if (!path) return Promise.resolve(null);
    return load(path).catch(function (/** @type {LoadError} */ error) {
      faults.push(error.path);
      return undefined;
    });
  }

  /** The code of a character. @param {string} c */
  function codeOf(c) { return /** @type {number} */ (c.codePointAt(0)); }

  // ---- folding and tokens --------------------------------------------------------------------------------

  /** The characters of a text as it is compared. @param {Search.Index} ix @param {string} text */
  function foldChars(ix, text) { return normalise(text, ix.folds).chars; }

  /** @param {string} c */
  function indexCode(c) {
    var code = codeOf(c);
    return code > 0xffff ? 0xd800 + (code % 2048) : code;
  }

  /** Runs of single characters, and words, with their offsets. @param {string[]} chars */
  function pieces(chars) {
    /** @type {Search.Piece[]} */
    var found = [];
    /** @type {Search.Piece | null} */
    var open = null;
    for (var i = 0; i < chars.length; i++) {
      var code = codeOf(chars[i]);
      /** @type {'run' | 'word' | ''} */
      var kind = inRanges(code, SINGLE_RANGES) ? 'run' : inRanges(code, WORD_RANGES) ? 'word' : '';
      if (!kind) open = null;
      else if (open && open.kind === kind) open.chars.push(chars[i]);
      else found.push((open = { kind: kind, at: i, chars: [chars[i]] }));
    }
    return found;
  }

  /** Split a query into phrases. @param {string} query @returns {Search.Phrase[]} */
  function parse(query) {
    // What cannot be seen is no part of the query; U+FEFF would part words like a space.
    var text = Array.from(visible(String(query))).slice(0, LONGEST).join('');
    var pattern = /(^|[\s\u3000])([-－])?(?:["“”「『]([^"“”」』]*)["“”」』]|([^\s\u3000]+))/g;
    /** @type {Search.Phrase[]} */
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

  /** Find a key's list in a packed shard. Lists hold positions when `dense`, else documents and classes. @param {Search.Segment} segment @param {string} packed @param {number} key @param {string} family */
  function findList(segment, packed, key, family) {
    var bits = new Bits(packed);
    var entries = bits.read(24);
    var parameter = bits.read(5);
    var current = -1;
    for (var e = 0; e < entries; e++) {
      current += bits.rice(parameter) + 1;
      var count = bits.gamma();
      var dense = family === 'pairs' && count > segment.rare;
      var width = riceParameter(dense ? segment.size : segment.documents, count);
      if (current === key) return readList(bits, count, width, dense);
      if (current > key) return null;
      for (var i = 0; i < count; i++) {
        bits.rice(width);
        if (!dense) readClass(bits);
      }
    }
    return null;
  }

  /** @param {Search.BitReader} bits @param {number} count @param {number} width @param {boolean} dense @returns {Search.Postings} */
  function readList(bits, count, width, dense) {
    var values = new Uint32Array(count);
    var classes = new Uint8Array(dense ? 0 : count);
    var value = -1;
    for (var i = 0; i < count; i++) {
      value += bits.rice(width) + 1;
      values[i] = value;
      if (!dense) classes[i] = readClass(bits);
    }
    return { dense: dense, values: values, classes: classes };
  }

  /**
   * A list of a segment, null when the key does not occur, undefined when its shard cannot be had.
   * @template T what the shard holds
   * @param {Search.Segment} segment
   * @param {string} family
   * @param {number} number
   * @param {(payload: T) => Search.Postings | null} find
   * @param {string[]} faults
   * @returns {Search.Lookup}
   */
  function lookUp(segment, family, number, find, faults) {
    return shard(segment, family, number, faults).then(function (payload) {
      if (payload === null || payload === undefined) return payload;
      try {
        return find(/** @type {T} */ (payload));
      } catch (error) {
        faults.push(shardPath(segment, family, number) || family);
        return undefined;
      }
    });
  }

  /** The list of all segments together. @param {Search.Index} ix @param {(segment: Search.Segment) => Search.Lookup} ask @returns {Search.Lookup} */
  function lookUpAll(ix, ask) {
    return Promise.all(ix.segments.map(ask)).then(function (lists) {
      if (lists.length === 1) return lists[0];
      return lists.indexOf(undefined) < 0 ? merged(ix, lists) : undefined;
    });
  }

  /**
   * One list, in the numbers of the whole index. It holds positions if all do; else documents, whose class may be of
   * any of their places.
   * @param {Search.Index} ix
   * @param {(Search.Postings | null | undefined)[]} lists of each segment
   * @returns {Search.Postings | null}
   */
  function merged(ix, lists) {
    var slot = ix.manifest.slot;
    var dense = lists.every(function (list) { return !list || list.dense; });
    /** @type {number[]} */
    var found = [];
    lists.forEach(function (list, s) {
      var segment = ix.segments[s];
      for (var i = 0; list && i < list.values.length; i++) {
        var value = list.values[i];
        var own = list.dense ? segment.owner[Math.floor(value / slot)] : value;
        var document = segment.numbers[own];
        if (document < 0) continue;
        var offset = list.dense ? value - segment.starts[own] * slot : 0;
        if (dense) found.push(ix.starts[document] * slot + offset);
        else found.push(document * CLASSES + (list.dense ? classAt(ix, document, offset) : list.classes[i]));
      }
    });
    if (!found.length) return null;
    var values = Uint32Array.from(found).sort();
    if (dense) return { dense: true, values: values, classes: new Uint8Array(0) };
    var firsts = values.filter(function (value, i) {
      return !i || Math.floor(value / CLASSES) !== Math.floor(values[i - 1] / CLASSES);
    });
    return {
      dense: false,
      values: firsts.map(function (value) { return Math.floor(value / CLASSES); }),
      classes: Uint8Array.from(firsts, function (value) { return value % CLASSES; })
    };
  }

  /** @param {Search.Segment} segment @param {string} a @param {string} b */
  function pairShard(segment, a, b) {
    return (indexCode(b) + indexCode(a) * MIX) & ((1 << segment.names.pairs.bits) - 1);
  }

  /** @param {Search.Index} ix @param {string} a @param {string} b @param {string[]} faults */
  function pairList(ix, a, b, faults) {
    return lookUpAll(ix, function (segment) {
      var key = (indexCode(b) >>> segment.names.pairs.bits) * 65536 + indexCode(a);
      return lookUp(segment, 'pairs', pairShard(segment, a, b), function (/** @type {string} */ packed) {
        return findList(segment, packed, key, 'pairs');
      }, faults);
    });
  }

  /** Kilobytes to read for a pair; an overlay is small. @param {Search.Index} ix @param {string} a @param {string} b */
  function pairCost(ix, a, b) {
    return ix.segments[0].large.get(pairShard(ix.segments[0], a, b)) || USUAL;
  }

  /** @param {Search.Index} ix @param {string} c @param {string[]} faults */
  function charList(ix, c, faults) {
    var code = indexCode(c);
    return lookUpAll(ix, function (segment) {
      var bits = segment.names.chars.bits;
      return lookUp(segment, 'chars', code & ((1 << bits) - 1), function (/** @type {string} */ packed) {
        return findList(segment, packed, code >>> bits, 'chars');
      }, faults);
    });
  }

  /** @param {string} word */
  function wordHash(word) {
    var value = 2166136261;
    for (var i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 16777619) >>> 0;
    return value;
  }

  /** @param {Search.Index} ix @param {string} word @param {string[]} faults */
  function wordList(ix, word, faults) {
    return lookUpAll(ix, function (segment) {
      var number = wordHash(word) & ((1 << segment.names.words.bits) - 1);
      return lookUp(segment, 'words', number, function (/** @type {[string, string]} */ payload) {
        var key = payload[0].split(' ').indexOf(word);
        return key < 0 ? null : findList(segment, payload[1], key, 'words');
      }, faults);
    });
  }

  // ---- phrases -------------------------------------------------------------------------------------------

  /** What to look up for a phrase. @param {Search.Index} ix @param {string[]} chars */
  function plan(ix, chars) {
    var parts = pieces(chars);
    /** @type {Search.Need[]} */
    var needs = [];
    var exact = parts.length === 1 && parts[0].chars.length === chars.length;
    parts.forEach(function (part) {
      if (part.kind === 'word') needs.push({ family: 'words', at: part.at, cost: USUAL, a: '', b: '', word: part.chars.join('') });
      else if (part.chars.length === 1) needs.push({ family: 'chars', at: part.at, cost: USUAL, a: part.chars[0], b: '', word: '' });
      else needs = needs.concat(cover(ix, part));
      if (part.chars.some(function (c) { return c.length > 1; })) exact = false;
    });
    if (needs.length > MOST_PAIRS) {
      needs = needs.sort(function (a, b) { return a.cost - b.cost || a.at - b.at; }).slice(0, MOST_PAIRS);
      exact = false;
    }
    return { needs: needs, exact: exact };
  }

  /** The pairs that together hold every character of a run, and cost least to read. @param {Search.Index} ix @param {Search.Piece} part */
  function cover(ix, part) {
    // best[i] covers the characters before i; the pair that ends there follows one that ended at i - 1 or i - 2.
    /** @type {{cost: number, pairs: Search.Need[]}[]} */
    var best = [{ cost: 0, pairs: [] }, { cost: Infinity, pairs: [] }];
    for (var i = 2; i <= part.chars.length; i++) {
      var before = best[i - 1].cost < best[i - 2].cost ? best[i - 1] : best[i - 2];
      var a = part.chars[i - 2];
      var b = part.chars[i - 1];
      var cost = pairCost(ix, a, b);
      /** @type {Search.Need} */
      var pair = { family: 'pairs', at: part.at + i - 2, cost: cost, a: a, b: b, word: '' };
      best.push({ cost: before.cost + cost, pairs: before.pairs.concat(pair) });
    }
    return best[part.chars.length].pairs;
  }

  /**
   * Documents with a phrase.
   * @param {Search.Index} ix
   * @param {Search.Phrase} phrase
   * @param {string[]} faults
   * @param {boolean} checkAll also look into the texts where the index decides, if they are few
   * @returns {Promise<Search.Matches>}
   */
  function findPhrase(ix, phrase, faults, checkAll) {
    var chars = foldChars(ix, phrase.text);
    if (!phrase.quoted) chars = trimmed(chars);
    var what = plan(ix, chars);
    var small = what.needs.filter(function (need) { return need.cost <= USUAL; });
    var first = small.length ? small : what.needs;
    return lists(ix, first, faults).then(function (known) {
      if (first === what.needs || !known.length) return known;
      var some = allFound(known);
      var few = !some || combine(ix, some).size <= FEW_CANDIDATES;
      if (few) return known;
      var large = what.needs.filter(function (need) { return first.indexOf(need) < 0; });
      return lists(ix, large, faults).then(function (more) { return known.concat(more); });
    }).then(function (looked) {
      // A pair that occurs nowhere: neither does the phrase.
      var known = allFound(looked);
      if (!known || !known.length) return new Map();
      var found = combine(ix, known);
      var decided = what.exact && known.length === what.needs.length &&
        (known.length === 1 || known.every(function (item) { return item.list.dense; }));
      if (decided && !(known.length === 1 && !known[0].list.dense && inDoubt(ix, what.needs[0], found.size, checkAll))) return found;
      return check(ix, found, chars.join(''), faults);
    });
  }

  /** Whether a list without positions says too little to rank what it finds. @param {Search.Index} ix @param {Search.Need} need @param {number} size @param {boolean} checkAll */
  function inDoubt(ix, need, size, checkAll) {
    // A pair in so many documents is in few of the base, which has no positions of it, and in some of the overlay.
    if (size > ix.manifest.rare) return need.family === 'pairs';
    return checkAll && size > 1;
  }

  /** What was looked up, if all of it occurs. @param {Search.Known[]} known */
  function allFound(known) {
    return known.every(function (item) { return item.list; }) ? /** @type {{at: number, list: Search.Postings}[]} */ (known) : null;
  }

  /** Where each need occurs; those whose shard cannot be had are left out. @param {Search.Index} ix @param {Search.Need[]} needs @param {string[]} faults */
  function lists(ix, needs, faults) {
    return Promise.all(needs.map(function (need) {
      if (need.family === 'pairs') return pairList(ix, need.a, need.b, faults);
      return need.family === 'chars' ? charList(ix, need.a, faults) : wordList(ix, need.word, faults);
    })).then(function (found) {
      /** @type {Search.Known[]} */
      var known = [];
      found.forEach(function (list, i) { if (list !== undefined) known.push({ at: needs[i].at, list: list }); });
      return known;
    });
  }

  /** Without separators at either end: a comma after a word is not part of what is looked for. @param {string[]} chars */
  function trimmed(chars) {
    var parts = pieces(chars);
    if (!parts.length) return [];
    var last = parts[parts.length - 1];
    return chars.slice(parts[0].at, last.at + last.chars.length);
  }

  /**
   * Intersect lists: positions with their offsets, then documents.
   * @param {Search.Index} ix
   * @param {{at: number, list: Search.Postings}[]} known
   * @returns {Search.Matches}
   */
  function combine(ix, known) {
    var dense = known.filter(function (item) { return item.list.dense; });
    var sparse = known.filter(function (item) { return !item.list.dense; });
    /** @type {Search.Matches | null} */
    var found = null;
    if (dense.length) {
      dense.sort(function (a, b) { return a.list.values.length - b.list.values.length; });
      var places = /** @type {Uint32Array} */ (dense[0].list.values);
      for (var i = 1; i < dense.length; i++) {
        places = shiftedCommon(places, dense[i].list.values, dense[i].at - dense[0].at);
      }
      found = placesByDocument(ix, places, dense[0].at);
    }
    return sparse.reduce(function (before, item) {
      /** @type {Search.Matches} */
      var documents = new Map();
      item.list.values.forEach(function (document, i) {
        var mine = { classes: 1 << item.list.classes[i], count: 1 };
        var other = before && before.get(document);
        if (other) mine.classes |= other.classes;
        if (other || !before) documents.set(document, mine);
      });
      return documents;
    }, found) || new Map();
  }

  /** The places p for which p + shift is in the other list. @param {Uint32Array} places @param {Uint32Array} others @param {number} shift */
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

  /** Group places by document, noting the classes of field they fall in. @param {Search.Index} ix @param {Uint32Array} places @param {number} at */
  function placesByDocument(ix, places, at) {
    /** @type {Search.Matches} */
    var found = new Map();
    var last = -1;
    /** @type {Search.Match} */
    var entry = { classes: 0, count: 0 };
    for (var i = 0; i < places.length; i++) {
      var document = ix.owner[Math.floor(places[i] / ix.manifest.slot)];
      if (document !== last) found.set((last = document), (entry = { classes: 0, count: 0 }));
      entry.count++;
      entry.classes |= 1 << classAt(ix, document, places[i] - at - ix.starts[document] * ix.manifest.slot);
    }
    return found;
  }

  /** @param {Search.Index} ix @param {number} document @param {number} offset */
  function classAt(ix, document, offset) {
    for (var c = 0; c < 4; c++) {
      offset -= ix.rooms[c][document];
      if (offset < 0) return c;
    }
    return 4;
  }

  /** Keep the candidates whose text has the phrase. Those that cannot be read are kept: partial beats nothing. @param {Search.Index} ix @param {Search.Matches} found @param {string} phrase @param {string[]} faults */
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

  /** @param {string} name */
  function fieldClass(name) {
    return Object.prototype.hasOwnProperty.call(FIELD_CLASSES, name) ? FIELD_CLASSES[name] : 4;
  }

  /** @param {string} text @param {string} phrase */
  function occurrences(text, phrase) {
    var count = 0;
    for (var at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) count++;
    return count;
  }

  // ---- texts ---------------------------------------------------------------------------------------------

  /** Number of the text shard of a segment's document. @param {Search.Segment} segment @param {number} document */
  function textShard(segment, document) {
    var low = 0;
    var high = segment.textStarts.length - 1;
    while (high - low > 1) {
      var middle = (low + high) >> 1;
      if (segment.textStarts[middle] <= document) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Records of documents from their text shards. @param {Search.Index} ix @param {number[]} documents @param {string[]} faults */
  function texts(ix, documents, faults) {
    return records(ix, documents, 'texts', function (home) {
      var number = textShard(home.segment, home.number);
      return { number: number, at: home.number - home.segment.textStarts[number] };
    }, faults);
  }

  /** Records of documents without their texts. @param {Search.Index} ix @param {number[]} documents @param {string[]} faults */
  function cards(ix, documents, faults) {
    var size = ix.manifest.cards;
    return records(ix, documents, 'cards', function (home) {
      return { number: Math.floor(home.number / size), at: home.number % size };
    }, faults);
  }

  /**
   * @param {Search.Index} ix
   * @param {number[]} documents
   * @param {'texts' | 'cards'} family
   * @param {(home: Search.Home) => {number: number, at: number}} place number of the shard, and place in it
   * @param {string[]} faults
   */
  function records(ix, documents, family, place, faults) {
    /** @type {Map<number, Search.Record>} */
    var found = new Map();
    return Promise.all(documents.map(function (document) {
      var home = ix.homes[document];
      var here = place(home);
      return shard(home.segment, family, here.number, faults).then(function (payload) {
        var rows = /** @type {Search.Record[] | null | undefined} */ (payload);
        if (rows && rows[here.at]) found.set(document, rows[here.at]);
      });
    })).then(function () { return found; });
  }

  /** Name, text and perhaps time of every field, the title first. @param {Search.Record} record @returns {Search.Field[]} */
  function recordFields(record) {
    return [['title', record[2]], ...(record[4] || [])];
  }

  archive.searchIndex = {
    Bits, riceParameter, index, shard, foldChars, pieces, parse, pairList, wordHash, wordList,
    findPhrase, trimmed, combine, texts, cards, recordFields
  };
})();
