/** The topics: as tiles in the welcome message and the sheet, and the most needed as a bar above the input. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Conversation, Message, MessageButton } from '../core/protocol';
import { strings } from '../strings.zh';
import type { Actions } from './actions';
import { icon, menuIcon } from './icons';

/** Not topics but things to do; they stand apart from the topics and in the bar. */
const SERVICES = ['report', 'track', 'agent'] as const;

interface Place {
  button: MessageButton;
  index: number;
}

export function menuParts(menu: Message): { topics: Place[]; services: Place[] } {
  const all = menu.buttons.map((button, index) => ({ button, index }));
  const isService = ({ button }: Place): boolean =>
    (SERVICES as readonly (string | null)[]).includes(button.icon);
  return { topics: all.filter((place) => !isService(place)), services: all.filter(isService) };
}

/** @param prefix Of the test ids: the same tiles stand in more than one place. */
export function tilesView(
  menu: Message,
  actions: Actions,
  prefix: 'tile' | 'sheet' | 'panel',
  after: () => void = () => {},
): TemplateResult {
  const { topics, services } = menuParts(menu);
  const tile = (place: Place, kind: 'topic' | 'service'): TemplateResult => html`
    <li>
      <button
        type="button"
        class="tile tile-${kind}"
        data-testid="${prefix}-${place.button.icon ?? place.index}"
        @click=${() => {
          after();
          actions.press({ message: menu.id, button: place.index }, place.button.title);
        }}
      >
        <span class="tile-icon">${menuIcon(place.button.icon)}</span>
        <span class="tile-title">${breakable(place.button.title)}</span>
        ${place.button.hint === null ? nothing : html`<span class="tile-hint">${place.button.hint}</span>`}
      </button>
    </li>
  `;
  return html`
    <div class="tiles" data-testid=${prefix === 'tile' ? 'tiles' : `${prefix}-tiles`}>
      <ul class="tiles-topics" aria-label=${strings.menu.label}>
        ${topics.map((place) => tile(place, 'topic'))}
      </ul>
      ${
        services.length === 0
          ? nothing
          : html`<ul class="tiles-services" aria-label=${strings.menu.actionsLabel}>
              ${services.map((place) => tile(place, 'service'))}
            </ul>`
      }
    </div>
  `;
}

export function barView(
  menu: Message | null,
  conversation: Conversation,
  actions: Actions,
  openSheet: () => void,
): TemplateResult | typeof nothing {
  if (menu === null) return nothing;
  const places = menuParts(menu).services.filter(
    // Who already waits for an agent, or has one, needs no button for it.
    ({ button }) => button.icon !== 'agent' || conversation.mode === 'bot',
  );
  return html`
    <nav class="bar" aria-label=${strings.menu.barLabel} data-testid="bar">
      ${places.map(({ button, index }) => {
        const name = button.icon as (typeof SERVICES)[number];
        const label = strings.menu[name];
        return html`<button
          type="button"
          data-testid="bar-${name}"
          aria-label=${label}
          @click=${() => actions.press({ message: menu.id, button: index }, button.title)}
        >
          ${icon(name)}<span>${barLabel(label)}</span>
        </button>`;
      })}
      <button type="button" data-testid="bar-all" aria-haspopup="dialog" @click=${openSheet}>
        ${icon('grid')}<span>${strings.menu.all}</span>
      </button>
    </nav>
  `;
}

/** 我要反映问题 is torn after 我要 or not at all. */
function breakable(title: string): TemplateResult {
  return title.startsWith('我要') ? html`我要<wbr />${title.slice(2)}` : html`${title}`;
}

/** On narrow phones and in large print the polite beginning 我要 makes room. */
function barLabel(label: string): TemplateResult {
  return label.startsWith('我要')
    ? html`<span class="bar-prefix">我要</span>${label.slice(2)}`
    : html`${label}`;
}
