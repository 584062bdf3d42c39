/**
 * Counts without a network: visits, pages opened, films seen to the end, searches that found nothing; by day, kept on
 * this device alone. Nobody is counted, only how often: no times of day, no order, nothing a visitor wrote but the
 * words of a search that found nothing.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});

  var KEY = 'archive-kiosk-counters';
  var MOST_DAYS = 400;
  var MOST_TERMS = 200;
  var LONGEST = 20;
  var DAYS_TO_TAKE = 7;

  /** By day, kind and item. @typedef {Record<string, Record<string, Record<string, number>>>} Days */
  /** @type {Days} */
  var days = read();

  /** @returns {Days} */
  function read() {
    try {
      var kept = JSON.parse(localStorage.getItem(KEY) || '{}');
      return kept && typeof kept === 'object' && !Array.isArray(kept) ? kept : {};
    } catch (error) { return {}; }
  }

  function today() {
    return archive.calendar.now().toISOString().slice(0, 10);
  }

  /** @param {string} kind @param {string} item */
  function count(kind, item) {
    var day = days[today()] = days[today()] || {};
    var items = day[kind] = day[kind] || {};
    if (kind === 'miss' && !items[item] && Object.keys(items).length >= MOST_TERMS) return;
    items[item] = (items[item] || 0) + 1;
    Object.keys(days).sort().slice(0, -MOST_DAYS).forEach(function (old) { delete days[old]; });
    try { localStorage.setItem(KEY, JSON.stringify(days)); } catch (error) { /* counted until the screen is switched off */ }
  }

  document.addEventListener('kiosk:enter', function () { count('visit', ''); });
  document.addEventListener('kiosk:page', function (event) { count('page', event.detail.url); });
  document.addEventListener('kiosk:film', function (event) { count('film', event.detail.id); });
  document.addEventListener('kiosk:miss', function (event) { count('miss', event.detail.term.slice(0, LONGEST)); });

  /** @type {Record<string, string>} */
  var LABELS = { visit: '来访', page: '打开页面', film: '看完影片', miss: '没有查到的词' };

  /** Every count as day, kind, item and number. @returns {[string, string, string, number][]} */
  function rows() {
    /** @type {[string, string, string, number][]} */
    var all = [];
    Object.keys(days).sort().forEach(function (day) {
      Object.keys(LABELS).forEach(function (kind) {
        var items = days[day][kind] || {};
        Object.keys(items).sort().forEach(function (item) { all.push([day, LABELS[kind], item, items[item]]); });
      });
    });
    return all;
  }

  /** A cell no spreadsheet takes for a formula (OWASP, CSV injection). @param {string | number} value */
  function cell(value) {
    var text = String(value);
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  archive.counters = {
    /** The counts as CSV (RFC 4180) with the mark by which office programs know UTF-8. */
    csv: function () {
      /** @type {(string | number)[][]} */
      var table = [['日期', '项目', '内容', '次数'], ...rows()];
      return '\ufeff' + table.map(function (row) { return row.map(cell).join(','); }).join('\r\n') + '\r\n';
    },
    /** Sums of all days by kind. */
    sums: function () {
      return Object.keys(LABELS).map(function (kind) {
        /** @type {[string, number]} */
        var sum = [LABELS[kind], rows().filter(function (row) { return row[1] === LABELS[kind]; }).reduce(function (sum, row) { return sum + row[3]; }, 0)];
        return sum;
      });
    },
    /**
     * The last days as lines for a telephone, the newest first, as many as a code may hold.
     * @param {number} most bytes
     */
    lines: function (most) {
      var text = '日期,' + Object.keys(LABELS).map(function (kind) { return LABELS[kind]; }).join(',');
      Object.keys(days).sort().reverse().slice(0, DAYS_TO_TAKE).every(function (day) {
        var line = '\n' + day + ',' + Object.keys(LABELS).map(function (kind) {
          var items = days[day][kind] || {};
          return Object.keys(items).reduce(function (sum, item) { return sum + items[item]; }, 0);
        }).join(',');
        if (new TextEncoder().encode(text + line).length > most) return false;
        text += line;
        return true;
      });
      return text;
    },
    clear: function () {
      days = {};
      try { localStorage.removeItem(KEY); } catch (error) { /* nothing was kept */ }
    }
  };
})();
