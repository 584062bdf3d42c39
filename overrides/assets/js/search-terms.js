/**
 * The search dictionary: names, titles and headings by their pinyin, their initials and their likeness. It suggests
 * terms; the terms run through the normal search. Needs loader.js, search-text.js and search-index.js.
 */
(function () {
  'use strict';

  /** Letters of pinyin that are looked at. */
  var MOST_TYPED = 120;
  var TERM_KINDS = ['people', 'title', 'aliases', 'places', 'tags', 'headings'];

  var archive = window.archive;
  var load = archive.loader.load;
  var { shard, foldChars, wordHash } = archive.searchIndex;
  var { inRanges, SINGLE_RANGES, WORD_RANGES } = archive.searchText;

  /** The code of a character. @param {string} c */
  function codeOf(c) { return /** @type {number} */ (c.codePointAt(0)); }

  /** Whether a character stands for itself, and not as part of a word. @param {string} c */
  function isSingle(c) { return inRanges(codeOf(c), SINGLE_RANGES); }

  // ---- the dictionary: suggestions, pinyin, near misses --------------------------------------------------

  /** @type {Search.Readings | null} */
  var syllableOf = null;

  /** The usual syllable of each character. @param {Search.Index} ix @param {string[]} faults @returns {Promise<Search.Readings>} */
  function readings(ix, faults) {
    if (syllableOf) return Promise.resolve(syllableOf);
    var path = 'search/pinyin.' + ix.manifest.pinyin + '.js';
    return load(path).then(function (table) {
      /** @type {Map<string, string>} */
      var map = new Map();
      /** @type {Set<string>} */
      var syllables = new Set();
      String(table).split('|').forEach(function (group) {
        var syllable = (/^[a-z]*/.exec(group) || [''])[0];
        syllables.add(syllable);
        Array.from(group.slice(syllable.length)).forEach(function (c) { map.set(c, syllable); });
      });
      syllableOf = { of: map, all: syllables };
      return syllableOf;
    }).catch(function () {
      faults.push(path);
      return /** @type {Search.Readings} */ ({ of: new Map(), all: new Set() });
    });
  }

  /** The terms filed under a key. @param {Search.Index} ix @param {string} key @param {string[]} faults @returns {Promise<Search.Term[]>} */
  function termsUnder(ix, key, faults) {
    var number = wordHash(key) & ((1 << ix.terms.names.terms.bits) - 1);
    return shard(ix.terms, 'terms', number, faults).then(function (found) {
      var payload = /** @type {Record<string, string> | null | undefined} */ (found);
      if (!payload || !Object.prototype.hasOwnProperty.call(payload, key)) return [];
      return payload[key].split('\n').map(function (line) {
        var parts = line.split('\t');
        return {
          text: parts[0], kind: TERM_KINDS[Number(parts[1])], order: Number(parts[1]), count: Number(parts[2]),
          syllables: (parts[3] || '').split(' ').filter(Boolean), whole: key.charAt(0) === '=', match: 0
        };
      });
    });
  }

  /** @param {Search.Index} ix @param {string[]} keys @param {string[]} faults */
  function termsUnderAll(ix, keys, faults) {
    return Promise.all(Array.from(new Set(keys)).map(function (key) { return termsUnder(ix, key, faults); }))
      .then(function (rows) { return /** @type {Search.Term[]} */ ([]).concat(...rows); });
  }

  /**
   * How well typed characters and letters spell a term from its start: 4 all of it, in one manner (all syllables in
   * full, or all initials); 3 its beginning in full syllables; 2 all of it, in mixed manners; 1 its beginning; 0 no.
   * So yang is 杨震 before it is 燕国 (yan-g), and li is 李忠 before it is 刘宠.
   * @param {string[]} units
   * @param {Search.Term} term
   * @returns {number}
   */
  function spells(units, term) {
    var han = Array.from(term.text).filter(isSingle);
    var aligned = han.length === term.syllables.length;
    /** @type {Map<number, number>} */
    var memo = new Map();
    /**
     * @param {number} u unit
     * @param {number} s syllable
     * @param {number} manners met so far: 1 a syllable in full, 2 an initial or a part
     * @returns {number}
     */
    function from(u, s, manners) {
      if (u === units.length) {
        if (s === term.syllables.length) return manners === 3 ? 2 : 4;
        return manners > 1 ? 1 : 3;
      }
      if (s === term.syllables.length) return 0;
      var key = (u * 64 + s) * 4 + manners;
      var known = memo.get(key);
      if (known !== undefined) return known;
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

  /** The first two initials that typed letters may stand for: every way to cut a first syllable off. @param {string[]} units @param {Search.Readings} table */
  function initialPairs(units, table) {
    var first = units[0];
    if (first > '\u007f') first = (table.of.get(first) || '').charAt(0);
    /** @type {string[]} */
    var pairs = [];
    /** @param {number} at */
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

  /** Keys of a term typed to its end in letters alone: by initials, or in full. @param {string[]} units */
  function wholeKeys(units) {
    var lettersOnly = units.every(function (unit) { return unit <= '\u007f'; });
    return lettersOnly && units.length > 2 ? ['=' + units.join('')] : [];
  }

  /** @param {Search.Term} a @param {Search.Term} b */
  function termOrder(a, b) {
    return b.match - a.match || a.order - b.order || b.count - a.count || a.text.length - b.text.length ||
      (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);
  }

  /** @param {Search.Term[]} terms */
  function distinct(terms) {
    var seen = new Set();
    return terms.filter(function (term) { return !seen.has(term.text) && Boolean(seen.add(term.text)); });
  }

  /** Letters and characters of a query for the dictionary; apostrophes and spaces only part syllables. @param {Search.Index} ix @param {string} query */
  function typedUnits(ix, query) {
    return foldChars(ix, query).slice(0, MOST_TYPED).filter(function (c) {
      return isSingle(c) || inRanges(codeOf(c), WORD_RANGES);
    });
  }

  /** Terms that a beginning of pinyin, characters or both may mean, best first. @param {Search.Index} ix @param {string} query @param {string[]} faults @returns {Promise<Search.Term[]>} */
  function spelledTerms(ix, query, faults) {
    var units = typedUnits(ix, query);
    var letters = units.some(function (unit) { return unit <= '\u007f'; });
    if (!units.length) return Promise.resolve([]);
    if (!letters) {
      return termsUnder(ix, units.slice(0, 2).join(''), faults).then(function (terms) {
        return distinct(terms.map(function (term) {
          var chars = foldChars(ix, term.text).filter(isSingle);
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

  /** Terms one slip away: a wrong, missing or extra character, or other characters of the same sound. @param {Search.Index} ix @param {string} query @param {string[]} faults @returns {Promise<Search.Term[]>} */
  function nearTerms(ix, query, faults) {
    var chars = foldChars(ix, query).filter(isSingle);
    if (chars.length < 2 || chars.length > 24) return Promise.resolve([]);
    return readings(ix, faults).then(function (table) {
      var sound = chars.map(function (c) { return table.of.get(c) || '?'; });
      var n = chars.length;
      var keys = [chars[0] + chars[1], chars[n - 2] + chars[n - 1], sound[0].charAt(0) + sound[1].charAt(0)];
      if (n === 3) keys.push(chars[0] + chars[2]);
      if (n === 2) keys.push(chars[0], chars[1]);
      return termsUnderAll(ix, keys, faults).then(function (terms) {
        terms.forEach(function (term) {
          var mine = foldChars(ix, term.text).filter(isSingle);
          var same = term.syllables.length === n && term.syllables.join(' ') === sound.join(' ');
          var distance = slips(chars, mine);
          term.match = distance === 0 ? 0 : same ? (distance === 1 ? 4 : 3) : distance === 1 ? 2 : 0;
        });
        return distinct(terms.filter(function (term) { return term.match; }).sort(termOrder));
      });
    });
  }

  /** Edit distance, 2 meaning two or more. @param {string[]} a @param {string[]} b */
  function slips(a, b) {
    if (Math.abs(a.length - b.length) > 1) return 2;
    var start = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start++;
    var end = 0;
    while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    return Math.min(2, Math.max(a.length, b.length) - start - end);
  }

  archive.searchTerms = { spelledTerms, nearTerms };
})();
