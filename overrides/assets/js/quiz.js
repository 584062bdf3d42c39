/** A quiz checks itself: what was chosen, what is right and why. Nothing is kept or sent. */
(function () {
  'use strict';

  document.querySelectorAll('[data-quiz]').forEach(function (quiz) {
    if (quiz.hasAttribute('data-bound')) return;
    quiz.setAttribute('data-bound', '');
    var items = /** @type {HTMLElement[]} */ (Array.from(quiz.querySelectorAll('.quiz__item')));
    var score = /** @type {HTMLElement} */ (quiz.querySelector('.quiz__score'));

    items.forEach(function (item) {
      var inputs = /** @type {HTMLInputElement[]} */ (Array.from(item.querySelectorAll('input')));
      var tools = /** @type {HTMLElement} */ (item.querySelector('.quiz__tools'));
      var check = /** @type {HTMLButtonElement} */ (item.querySelector('[data-check]'));
      var again = /** @type {HTMLButtonElement} */ (item.querySelector('[data-again]'));
      var verdict = /** @type {HTMLElement} */ (item.querySelector('.quiz__verdict'));
      var answer = /** @type {HTMLDetailsElement} */ (item.querySelector('.quiz__answer'));
      var kind = item.getAttribute('data-kind');
      tools.hidden = false;

      check.addEventListener('click', function () {
        var chosen = inputs.filter(function (input) { return input.checked; });
        if (inputs.length && !chosen.length) { verdict.textContent = '先选一个，再看。'; return; }
        var right = inputs.every(function (input) { return input.checked === input.hasAttribute('data-right'); });
        if (kind === '情境') right = chosen[0].hasAttribute('data-right');
        item.setAttribute('data-done', !inputs.length ? 'open' : right ? 'right' : 'wrong');
        inputs.forEach(function (input) {
          input.disabled = true;
          var label = /** @type {HTMLElement} */ (input.closest('label'));
          label.classList.toggle('quiz__right', input.hasAttribute('data-right'));
          label.classList.toggle('quiz__wrong', input.checked && !input.hasAttribute('data-right') && kind !== '情境');
        });
        verdict.textContent = !inputs.length ? '对照下面的要点，自己看看。'
          : kind === '情境' ? (right ? '这一题较妥的做法，你选到了。' : '这样选的人不少，看看各项的回应。')
          : right ? '对了。' : '不对，再看看下面的解析。';
        answer.open = true;
        check.hidden = true;
        again.hidden = false;
        again.focus();
        total();
      });
      again.addEventListener('click', function () {
        item.removeAttribute('data-done');
        inputs.forEach(function (input) {
          input.disabled = input.checked = false;
          /** @type {HTMLElement} */ (input.closest('label')).classList.remove('quiz__right', 'quiz__wrong');
        });
        verdict.textContent = '';
        answer.open = quiz.hasAttribute('data-teaching');
        check.hidden = false;
        again.hidden = true;
        (inputs[0] || check).focus();
        total();
      });
    });

    function total() {
      var marked = items.filter(function (item) { return /right|wrong/.test(item.getAttribute('data-done') || '') && item.getAttribute('data-kind') !== '情境'; });
      var right = marked.filter(function (item) { return item.getAttribute('data-done') === 'right'; });
      score.hidden = !marked.length;
      score.textContent = '有定论的题做了 ' + marked.length + ' 道，对 ' + right.length + ' 道。';
    }
  });
})();
