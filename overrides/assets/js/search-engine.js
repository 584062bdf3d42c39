/**
 * The search engine: answers queries.
 *
 *     archive.search.find('孟尝君 齐', { limit: 10 }).then(({ total, hits }) => …)
 *
 * A query is words with spaces between (all must occur), each an exact phrase; "quotes" keep spaces; -word excludes.
 * Needs loader.js, search-text.js, search-index.js and search-terms.js.
 */
(function () {
  'use strict';

  /** Up to this many hits their texts carry the titles; beyond it the cards do. */
  var FEW_HITS = 50;
  /** Terms that letters alike may spell, whose entries are all shown. */
  var MOST_READINGS = 12;
  /** For hits that have only part of a query: how much of its weight they need, how many are shown, pairs looked up. */
  var ENOUGH = 0.45;
  var NEAR_HITS = 8;
  var NEAR_PAIRS = 16;
  // With so few exact hits a reader may have meant another wording: 杨震拒金 is in a question, the story has 拒 and 金 apart.
  var SCARCE = 3;
  /** Characters of an excerpt, and words that a link carries to its page. */
  var EXCERPT = 96;
  var MOST_WORDS = 6;
  /** Places of phrases in one text that are looked at. */
  var MOST_MARKS = 200;
  var NOT_EXCERPTED = ['title', 'people', 'aliases', 'tags', 'places'];

  var CLASS_WEIGHTS = [9, 8, 4, 2, 0];

  var archive = window.archive;
  var load = archive.loader.load;
  var {
    Bits, riceParameter, index, foldChars, pieces, parse, pairList, wordList, findPhrase, trimmed, combine,
    texts, cards, recordFields
  } = archive.searchIndex;
  var { spelledTerms, nearTerms } = archive.searchTerms;
  var { occurrences } = archive.searchText;

  // ---- ranking -------------------------------------------------------------------------------------------

  /** Score of a document for one phrase: rarity times field, coverage of title or name, and frequency. @param {Search.Index} ix @param {number} document @param {Search.Match} entry @param {number} length @param {number} rarity */
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

  /**
   * Documents that have all phrases and no excluded one, with their scores.
   * @param {Search.Index} ix
   * @param {Search.Phrase[]} phrases
   * @param {string[]} faults
   * @param {boolean} checkAll
   * @returns {Promise<Search.Scores>}
   */
  function evaluate(ix, phrases, faults, checkAll) {
    return Promise.all(phrases.map(function (phrase) {
      return findPhrase(ix, phrase, faults, checkAll);
    })).then(function (maps) {
      var scores = phrases.reduce(function (before, phrase, i) {
        if (phrase.excluded) return before;
        var rarity = Math.log(1 + ix.documents / Math.max(1, maps[i].size));
        var length = foldChars(ix, phrase.text).length;
        /** @type {Search.Scores} */
        var next = new Map();
        maps[i].forEach(function (entry, document) {
          var had = before ? before.get(document) : 0;
          if (had !== undefined) next.set(document, had + score(ix, document, entry, length, rarity));
        });
        return next;
      }, /** @type {Search.Scores | null} */ (null));
      var left = scores || new Map();
      phrases.forEach(function (phrase, i) {
        if (phrase.excluded) maps[i].forEach(function (_, document) { left.delete(document); });
      });
      return left;
    });
  }

  /** Documents, the best first. @param {Search.Scores} scores */
  function byScore(scores) {
    return Array.from(scores).sort(function (a, b) { return b[1] - a[1] || a[0] - b[0]; }).map(function (pair) { return pair[0]; });
  }

  // ---- facets --------------------------------------------------------------------------------------------

  /** @type {Search.FacetTable[] | null} */
  var facetTable = null;

  /** Names, values and documents of every facet. @param {Search.Index} ix @param {string[]} faults @returns {Promise<Search.FacetTable[]>} */
  function facets(ix, faults) {
    var path = 'search/facets.' + ix.manifest.facets + '.js';
    if (facetTable) return Promise.resolve(facetTable);
    return load(path).then(function (found) {
      var payload = /** @type {[[string, string[]][], string]} */ (found);
      var bits = new Bits(payload[1]);
      facetTable = payload[0].map(function (facet) {
        return { name: facet[0], values: facet[1].map(function (value) {
          var count = bits.gamma();
          var width = riceParameter(ix.documents, count);
          /** @type {Set<number>} */
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

  /**
   * Filter by the chosen values; a facet's counts are what choosing another of its values would give.
   * @param {Search.FacetTable[]} table
   * @param {number[]} documents
   * @param {{[facet: string]: string[]}} filters
   */
  function applyFacets(table, documents, filters) {
    var chosen = table.map(function (facet) {
      var wanted = filters[facet.name] || [];
      return facet.values.filter(function (item) { return wanted.indexOf(item.value) >= 0; });
    });
    /** @param {number} document @param {number} except */
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

  /** Sorted by the place of a facet's value, such as period; documents without one come last. @param {Search.FacetTable[]} table @param {string} name @param {number[]} documents */
  function byFacet(table, name, documents) {
    var facet = table.filter(function (each) { return each.name === name; })[0];
    if (!facet) return documents;
    return documents.map(function (document) {
      var place = facet.values.findIndex(function (item) { return item.documents.has(document); });
      return { document: document, rank: place < 0 ? facet.values.length : place };
    }).sort(function (a, b) { return a.rank - b.rank || a.document - b.document; }).map(function (ranked) { return ranked.document; });
  }

  // ---- excerpts ------------------------------------------------------------------------------------------

  /** Where phrases occur in a text. @param {Search.Index} ix @param {string} text @param {string[]} phrases */
  function marksIn(ix, text, phrases) { return occurrences(text, phrases, ix.folds, MOST_MARKS); }

  /** The place itself, or the next one if it is between the two units of a character. @param {string} text @param {number} at */
  function boundary(text, at) { return /[\udc00-\udfff]/.test(text.charAt(at)) ? at + 1 : at; }

  /** Pieces of text, marked and not, of about `room` characters around the first mark. @param {Search.Index} ix @param {string} original @param {string[]} phrases @param {number} room */
  function excerpt(ix, original, phrases, room) {
    var text = original.replace(/[ \t\n]+/g, ' ');
    var marks = marksIn(ix, text, phrases);
    var from = marks.length ? Math.max(0, marks[0][0] - Math.floor(room / 3)) : 0;
    var to = boundary(text, Math.min(text.length, from + room));
    from = boundary(text, Math.max(0, Math.min(from, to - room)));
    /** @type {Search.Part[]} */
    var out = from ? [['…', false]] : [];
    var at = from;
    marks.forEach(function (mark) {
      if (mark[0] < at || mark[1] > to) return;
      if (mark[0] > at) out.push([text.slice(at, mark[0]), false]);
      out.push([text.slice(mark[0], mark[1]), true]);
      at = mark[1];
    });
    if (at < to) out.push([text.slice(at, to) + (to < text.length ? '…' : ''), false]);
    return out;
  }

  /** What one hit shows: title and excerpt in pieces, the time when it is a caption, the words as the page has them. @param {Search.Index} ix @param {Search.Record} record @param {string[]} phrases */
  function describe(ix, record, phrases) {
    var best = { found: -1, text: '' };
    /** @type {number | undefined} */
    var time;
    /** @type {Set<string>} */
    var words = new Set();
    recordFields(record).forEach(function (field) {
      var marks = marksIn(ix, field[1], phrases);
      marks.forEach(function (mark) { if (words.size < MOST_WORDS) words.add(field[1].slice(mark[0], mark[1])); });
      if (NOT_EXCERPTED.indexOf(field[0]) >= 0) return;
      var found = new Set(marks.map(function (mark) { return mark[2]; })).size;
      if (found > best.found) {
        best = { found: found, text: field[1] };
        time = found && field.length > 2 ? field[2] : undefined;
      }
    });
    return {
      titleParts: excerpt(ix, record[2], phrases, 200),
      excerpt: excerpt(ix, best.text, phrases, EXCERPT),
      time: time,
      words: Array.from(words)
    };
  }

  /** A link to the page that carries the words to mark, and the time to play from. @param {string} url @param {string[]} words @param {number} [time] */
  function hitLink(url, words, time) {
    var parts = [];
    if (time !== undefined) parts.push('t=' + time);
    if (words.length) parts.push('q=' + words.map(encodeURIComponent).join('+'));
    if (!parts.length) return url;
    return url + (url.indexOf('#') >= 0 ? '&' : '#') + parts.join('&');
  }

  /** Lone surrogates would make encodeURIComponent throw. @param {string} text */
  function wellFormed(text) {
    return Array.from(text, function (c) {
      var code = /** @type {number} */ (c.codePointAt(0));
      return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : c;
    }).join('');
  }

  /** The hits of these documents, in order. @param {Search.Index} ix @param {number[]} documents @param {Search.Phrase[]} phrases @param {string[]} faults */
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
      /** @type {Search.Hit[]} */
      var hits = [];
      documents.forEach(function (document) {
        var text = few ? records.whole.get(document) : undefined;
        var record = text || records.bare.get(document);
        if (!record) return;
        var url = record[1] || record[0] + '.html';
        /** @type {Search.Hit} */
        var hit = { id: record[0], url: url, link: '', title: record[2], kind: record[3] };
        // Without its text a hit still has its title and its address.
        if (few) Object.assign(hit, text ? describe(ix, text, folded) : { titleParts: [[record[2], false]], excerpt: [], words: [] });
        hit.link = hitLink(url, hit.words || words, hit.time);
        hits.push(hit);
      });
      return hits;
    });
  }

  // ---- the query -----------------------------------------------------------------------------------------

  /** Documents for a query with nothing found: those of the terms its pinyin spells, best terms first. @param {Search.Index} ix @param {string} query @param {string[]} faults @param {boolean} checkAll */
  function byPinyin(ix, query, faults, checkAll) {
    if (!/[a-z]/.test(foldChars(ix, query).join(''))) return Promise.resolve(null);
    return spelledTerms(ix, query, faults).then(function (terms) {
      var alike = terms.filter(function (term) { return term.match === terms[0].match; });
      var best = alike.slice(0, MOST_READINGS);
      if (!best.length) return null;
      return Promise.all(best.map(function (term) {
        return evaluate(ix, [{ text: term.text, quoted: true, excluded: false }], faults, checkAll);
      })).then(function (results) {
        /** @type {Search.Scores} */
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
   * Hits with much of a query that none or few have whole: its words apart, or with a comma between them. Never counted
   * among the results, which are exact and not repeated here.
   * @param {Search.Index} ix
   * @param {Search.Phrase[]} phrases
   * @param {Search.Scores} exact
   * @param {string[]} faults
   * @returns {Promise<Search.Hit[]>}
   */
  function partial(ix, phrases, exact, faults) {
    /** @type {{text: string, find: () => Search.Lookup}[]} */
    var needs = [];
    phrases.forEach(function (phrase) {
      pieces(foldChars(ix, phrase.text)).forEach(function (part) {
        var n = part.chars.length;
        if (phrase.excluded) return;
        if (part.kind === 'word') needs.push({ text: part.chars.join(''), find: function () { return wordList(ix, part.chars.join(''), faults); } });
        for (var i = 0; part.kind === 'run' && i + 1 < n; i++) needs.push(pairNeed(part.chars[i], part.chars[i + 1]));
      });
    });
    /** @param {string} a @param {string} b */
    function pairNeed(a, b) { return { text: a + b, find: function () { return pairList(ix, a, b, faults); } }; }
    needs = needs.slice(0, NEAR_PAIRS);
    // Beside exact hits, one pair of two would be noise.
    if (needs.length < (exact.size ? 3 : 2) || phrases.some(function (phrase) { return phrase.excluded; })) return Promise.resolve([]);
    return Promise.all(needs.map(function (need) { return need.find(); })).then(function (lists) {
      /** @type {Search.Scores} */
      var scores = new Map();
      var most = 0;
      lists.forEach(function (list) {
        /** @type {Search.Matches} */
        var found = list ? combine(ix, [{ at: 0, list: list }]) : new Map();
        var weight = Math.log(1 + ix.documents / (found.size || 1));
        most += found.size ? weight : weight / 2; // a pair nobody has says little: it may run over a comma
        found.forEach(function (_, document) { scores.set(document, (scores.get(document) || 0) + weight); });
      });
      var documents = byScore(scores).filter(function (document) {
        return !exact.has(document) && (scores.get(document) || 0) >= most * ENOUGH;
      });
      var shown = needs.map(function (need) { return { text: need.text, quoted: true, excluded: false }; });
      return present(ix, documents.slice(0, NEAR_HITS), shown, faults);
    });
  }

  /**
   * Search.
   * @param {string} query
   * @param {Search.Options} [options]
   */
  function find(query, options) {
    /** @type {Required<Search.Options>} */
    var wish = Object.assign({ limit: 10, offset: 0, sort: 'score', filters: {}, facets: false }, options);
    /** @type {string[]} */
    var faults = [];
    var phrases = parse(query);
    /** @type {Search.Result} */
    var result = { query: String(query), total: 0, hits: [], facets: [], faults: faults, via: [], viaMore: 0, nearest: [], near: [] };
    if (!phrases.some(function (phrase) { return !phrase.excluded; })) return Promise.resolve(result);
    return index().then(function (ix) {
      /** @type {Search.Scores} */
      var exact = new Map();
      return evaluate(ix, phrases, faults, wish.limit > 0).then(function (scores) {
        exact = scores;
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
        var filtering = wish.facets || wish.sort === 'period' || Object.keys(wish.filters).length > 0;
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
        if (result.total >= SCARCE || result.via.length || Object.keys(wish.filters).length) return result;
        return (result.total ? Promise.resolve([]) : nearTerms(ix, query, faults)).then(function (terms) {
          result.nearest = terms.slice(0, 6).map(function (term) { return term.text; });
          return wish.limit ? partial(ix, phrases, exact, faults) : [];
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

  /** Suggestions for what is being typed: terms, best first. @param {string} query @param {number} [limit] */
  function suggest(query, limit) {
    /** @type {string[]} */
    var faults = [];
    return index().then(function (ix) {
      return spelledTerms(ix, query, faults).then(function (terms) {
        return terms.length ? terms : nearTerms(ix, query, faults);
      });
    }).then(function (terms) {
      return terms.slice(0, limit || 8).map(function (term) { return { text: term.text, kind: term.kind }; });
    }, function () { return []; });
  }

  /** Numbers of all documents found, for tests and measurements. @param {string} query */
  function numbers(query) {
    /** @type {string[]} */
    var faults = [];
    return index().then(function (ix) {
      return evaluate(ix, parse(query), faults, false);
    }).then(byScore);
  }

  archive.search = { find: find, suggest: suggest, numbers: numbers, warm: index };
})();
