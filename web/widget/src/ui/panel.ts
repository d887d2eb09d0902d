/** On a wide screen: the topics always at hand, and what a citizen should know beside the conversation. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Message } from '../core/protocol';
import { strings } from '../strings.zh';
import type { Actions } from './actions';
import { icon } from './icons';
import { tilesView } from './menu';
import { telephone } from './plain-text';

export function panelView(menu: Message | null, hotline: string, actions: Actions): TemplateResult {
  const { panel } = strings;
  return html`
    <aside class="panel" aria-label=${panel.label}>
      ${
        menu === null
          ? nothing
          : html`<section>
              <h2>${panel.topics}</h2>
              ${tilesView(menu, actions, 'panel')}
            </section>`
      }
      <section>
        <h2>${panel.callTitle}</h2>
        <a class="button panel-call" href=${telephone(hotline)}>${icon('phone')}${panel.call}</a>
        <p class="note">${panel.callNote}</p>
      </section>
      <section>
        <h2>${panel.emergencyTitle}</h2>
        <ul class="panel-emergencies">
          ${panel.emergencies.map(
            ({ number, name }) => html`<li>
              <a href=${telephone(number)}><strong class="figures">${number}</strong><span>${name}</span></a>
            </li>`,
          )}
        </ul>
      </section>
      <section class="panel-privacy">
        <h2>${icon('shield')}${panel.privacyTitle}</h2>
        <p>${panel.privacy}</p>
      </section>
    </aside>
  `;
}
