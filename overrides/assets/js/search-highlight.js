/**
 * Marks on a page the words that a search result's link brings: page.html#q=孟尝君+齐, #t=12&q=…, #section&q=…
 * They are found as the search finds them, by search-text.js, which loader.js brings.
 */
(function () {
  'use strict';

  var archive = window.archive;
  var MOST = 500;
  var SKIPPED = 'script,style,noscript,textarea,select,button,svg,form,nav,mark,rt,rp,.footnote-ref,.footnote-backref';
  var BLOCK = 'p,li,dd,dt,td,th,h1,h2,h3,h4,h5,h6,blockquote,figcaption,pre,summary,div,section,article,main,body';

  function words() {
    var match = /(?:^#|&)q=([^&]*)/.exec(location.hash);
    if (!match) return [];
    try {
      return match[1].split('+').map(decodeURIComponent).filter(Boolean).slice(0, 12);
    } catch (error) {
      return []; // not ours
    }
  }

  /** Text nodes of each block: a word may begin in one element and end in the next. @param {Node} root */
  function blocks(root) {
    var walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    /** @type {Map<unknown, Text[]>} */
    var found = new Map();
    while (walker.nextNode()) {
      var node = /** @type {Text} */ (walker.currentNode);
      var holder = node.parentElement;
      if (!holder || holder.closest(SKIPPED)) continue;
      var block = holder.closest(BLOCK);
      found.set(block, (found.get(block) || []).concat(node));
    }
    return Array.from(found.values());
  }

  /** @param {Text} node @param {number} from @param {number} to */
  function wrap(node, from, to) {
    if (to < node.data.length) node.splitText(to);
    var part = from ? node.splitText(from) : node;
    var mark = document.createElement('mark');
    mark.className = 'search-mark';
    part.before(mark);
    mark.appendChild(part);
  }

  /** Mark a block's words from its end, so that earlier offsets hold. @param {Text[]} nodes @param {string[]} sought */
  function markBlock(nodes, sought) {
    // In the index a line feed parts paragraphs; within a block of the page it is a space.
    var text = nodes.map(function (node) { return node.data; }).join('').replace(/\n/g, ' ');
    var found = archive.searchText.occurrences(text, sought).reverse();
    found.forEach(function (range) {
      var end = nodes.reduce(function (sum, node) { return sum + node.data.length; }, 0);
      for (var i = nodes.length - 1; i >= 0 && end > range[0]; i--) {
        var start = end - nodes[i].data.length;
        var from = Math.max(0, range[0] - start);
        if (range[1] > start) wrap(nodes[i], from, Math.min(nodes[i].data.length, range[1] - start));
        // The node keeps what stands before.
        nodes = nodes.slice(0, from && range[0] > start ? i + 1 : i);
        end = start;
      }
    });
    return found.length;
  }

  function run() {
    var sought = words();
    if (!sought.length || document.querySelector('[data-search-page]')) return;
    var script = archive.searchText ? Promise.resolve() : archive.loader.script('assets/js/search-text.js');
    script.then(function () { markPage(sought); }, function () { /* no marks */ });
  }

  /** @param {string[]} written */
  function markPage(written) {
    var sought = written.map(function (word) { return archive.searchText.normalise(word).chars.join(''); });
    var root = document.querySelector('article') || document.querySelector('main') || document.body;
    var left = MOST;
    blocks(root).forEach(function (nodes) { if (left > 0) left -= markBlock(nodes, sought); });
    var rest = location.hash.slice(1).split('&').filter(function (part) { return part.indexOf('q=') !== 0; }).join('&');
    var target = rest && document.getElementById(decodeURIComponent(rest));
    if (rest) history.replaceState(history.state, '', '#' + rest);
    if (!target && !rest) target = root.querySelector('mark.search-mark');
    if (!target) return;
    var closed = target.closest('details:not([open])');
    if (closed) closed.setAttribute('open', '');
    target.scrollIntoView({ block: rest ? 'start' : 'center' });
  }

  run();
  window.addEventListener('hashchange', run);
})();
