/** The look of the button and the frame on other sites; `all: initial` keeps the site's own rules out. */
export const embedCss = `
:host { all: initial; }
[hidden] { display: none !important; }
button, p { font: 600 18px/1.4 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; margin: 0; }
button { cursor: pointer; }
button:focus-visible { outline: 3px solid #ffb400; outline-offset: 2px; }
.open {
  position: fixed; z-index: 2147483000;
  right: calc(20px + env(safe-area-inset-right, 0px)); bottom: calc(20px + env(safe-area-inset-bottom, 0px));
  min-height: 56px; padding: 0 22px; border: 2px solid #fff; border-radius: 28px;
  background: #0b4ea2; color: #fff; box-shadow: 0 4px 16px rgba(16, 35, 63, .28);
}
.open:hover { background: #083d80; }
.dot { display: none; width: 12px; height: 12px; margin-right: 8px; border: 2px solid #fff; border-radius: 50%; background: #a8160f; }
.news .dot { display: inline-block; }
.panel {
  position: fixed; z-index: 2147483000; box-sizing: border-box; overflow: hidden;
  right: calc(20px + env(safe-area-inset-right, 0px)); bottom: calc(88px + env(safe-area-inset-bottom, 0px));
  width: 420px; max-width: calc(100vw - 40px); height: 680px; max-height: calc(100vh - 108px);
  border: 1px solid #c3ccd8; border-radius: 12px; background: #fff; box-shadow: 0 12px 40px rgba(16, 35, 63, .3);
}
.frame { position: absolute; top: 0; left: 0; width: 100%; height: 100%; border: 0; background: transparent; }
.waiting { position: relative; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 20px; height: 100%; padding: 20px; }
.waiting-text { font-weight: 400; color: #1a2433; text-align: center; }
.waiting-close { position: relative; z-index: 1; min-width: 120px; min-height: 56px; border: 2px solid #0b4ea2; border-radius: 8px; background: #fff; color: #0b4ea2; }
@media (max-width: 600px) {
  .panel { top: 0; right: 0; bottom: 0; left: 0; width: 100%; max-width: none; height: 100vh; height: 100dvh; max-height: none; border: 0; border-radius: 0; }
  :host(.is-open) .open { display: none; }
}
@media print { :host { display: none; } }
`;
