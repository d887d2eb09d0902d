/** The one icon set: a 24-unit grid, one stroke width, round ends, the colour of the text around. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit';

const shapes = {
  medical: svg`<rect x="3" y="7.5" width="18" height="12.5" rx="2.2"/><path d="M8.5 7.5V6A1.8 1.8 0 0 1 10.3 4.2h3.4A1.8 1.8 0 0 1 15.5 6v1.5M12 10.800v6M9 13.800h6"/>`,
  school: svg`<path d="M2.5 9.5 12 5l9.5 4.500L12 14z"/><path d="M6.5 11.500v4.700c0 1.4 2.5 2.6 5.5 2.600s5.5-1.2 5.5-2.600v-4.700M21.5 9.500v5"/>`,
  social_insurance: svg`<path d="M12 3v1.600M3 13a9 8.4 0 0 1 18 0zM12 13v5.600a2.1 2.1 0 0 1-4.2 0"/>`,
  enterprise: svg`<path d="M4.5 20V5.800A1.8 1.8 0 0 1 6.3 4h6A1.8 1.8 0 0 1 14 5.800V20M14 10h3.700a1.8 1.8 0 0 1 1.8 1.800V20M2.5 20h19M7.7 8.200h3M7.7 12h3M7.7 15.800h3M16.8 13.500v.1M16.8 16.500v.1"/>`,
  life: svg`<path d="M3 11.2 12 4l9 7.200M5.5 9.500v8.700A1.8 1.8 0 0 0 7.3 20h9.400a1.8 1.8 0 0 0 1.8-1.800V9.5"/><path d="M12 16.800s-3.1-1.8-3.1-4a1.650 1.650 0 0 1 3.1-.8 1.650 1.650 0 0 1 3.1.8c0 2.2-3.1 4-3.1 4z"/>`,
  report: svg`<path d="M12.5 4.500H6.300a1.8 1.8 0 0 0-1.8 1.800v11.900A1.8 1.8 0 0 0 6.3 20h11.900a1.8 1.8 0 0 0 1.8-1.800V12"/><path d="m9.5 14.7.5-3L17.7 4a1.6 1.6 0 0 1 2.3 2.300l-7.6 7.800z"/>`,
  track: svg`<path d="M18.5 9V5.800A1.8 1.8 0 0 0 16.7 4H6.300a1.8 1.8 0 0 0-1.8 1.800v12.400A1.8 1.8 0 0 0 6.3 20H10M8 8.300h7M8 12h2.5"/><circle cx="15.5" cy="15" r="3.6"/><path d="m18.2 17.7 3 3"/>`,
  agent: svg`<path d="M4.5 14v-2a7.5 7.5 0 0 1 15 0v2"/><path d="M4.5 13.500h1.300a1.4 1.4 0 0 1 1.4 1.400v2.700A1.4 1.4 0 0 1 5.8 19h0a2.3 2.3 0 0 1-2.3-2.300v-2.200a1 1 0 0 1 1-1zM19.5 13.500h-1.300a1.4 1.4 0 0 0-1.4 1.400v2.700a1.4 1.4 0 0 0 1.4 1.400h0a2.3 2.3 0 0 0 2.3-2.300v-2.200a1 1 0 0 0-1-1z"/><path d="M18.7 19c-.5 1.5-1.9 2.2-3.7 2.200h-1.5"/>`,
  grid: svg`<rect x="4" y="4" width="6.5" height="6.5" rx="1.5"/><rect x="13.5" y="4" width="6.5" height="6.5" rx="1.5"/><rect x="4" y="13.5" width="6.5" height="6.5" rx="1.5"/><rect x="13.5" y="13.5" width="6.5" height="6.5" rx="1.5"/>`,
  bot: svg`<path d="M6.3 5h11.400A2.3 2.3 0 0 1 20 7.300v7.400a2.3 2.3 0 0 1-2.3 2.300H11l-4 3.200V17h-.7A2.3 2.3 0 0 1 4 14.700V7.300A2.3 2.3 0 0 1 6.3 5z"/><path d="M9 10v1.600M15 10v1.6"/>`,
  photo: svg`<path d="M8.5 6.500 9.8 4.600h4.400l1.3 1.900h2.700A1.8 1.8 0 0 1 20 8.300v8.900a1.8 1.8 0 0 1-1.8 1.800H5.800A1.8 1.8 0 0 1 4 17.200V8.300a1.8 1.8 0 0 1 1.8-1.800z"/><circle cx="12" cy="12.6" r="3.4"/>`,
  send: svg`<path d="M20.5 4 3.5 10.600l7 2.9 2.9 7zM20.5 4l-10 9.5"/>`,
  speaker: svg`<path d="M4 9.500v5h3.500l5 4V5.500l-5 4zM16 9a4.2 4.2 0 0 1 0 6M18.5 6.500a7.8 7.8 0 0 1 0 11"/>`,
  stop: svg`<rect x="6" y="6" width="12" height="12" rx="2"/>`,
  useful: svg`<path d="M7.5 10.500v9H5a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM7.5 10.5 11 4a2.3 2.3 0 0 1 2.2 2.800l-.6 2.700h5.600a1.9 1.9 0 0 1 1.8 2.400l-1.6 6.100a2 2 0 0 1-1.9 1.500h-9"/>`,
  useless: svg`<path d="M7.5 13.500v-9H5a1 1 0 0 0-1 1v7a1 1 0 0 0 1 1zM7.5 13.5 11 20a2.3 2.3 0 0 0 2.2-2.800l-.6-2.700h5.600a1.9 1.9 0 0 0 1.8-2.400l-1.6-6.100a2 2 0 0 0-1.9-1.500h-9"/>`,
  chevron: svg`<path d="m6.5 9.5 5.5 5.5 5.5-5.5"/>`,
  down: svg`<path d="M12 5v14M6.5 13.5 12 19l5.5-5.5"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  phone: svg`<path d="M6.2 4h2.600l1.7 4.3-2 1.500a11 11 0 0 0 5.7 5.700l1.5-2 4.3 1.700v2.600A2.2 2.2 0 0 1 17.8 20 13.8 13.8 0 0 1 4 6.2 2.2 2.2 0 0 1 6.2 4z"/>`,
  copy: svg`<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/><path d="M15.5 8.500V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.500a2 2 0 0 0 2 2h2.5"/>`,
  check: svg`<path d="m5 12.5 4.7 4.700L19 7.5"/>`,
  alert: svg`<path d="M12 4 2.8 19.500h18.400zM12 10v4.500M12 17v.1"/>`,
  offline: svg`<path d="M3 9.500a13 13 0 0 1 4.5-2.800M10.5 5.900A13 13 0 0 1 21 9.500M6 13a8.6 8.6 0 0 1 4-2.200M14.5 11A8.6 8.6 0 0 1 18 13M9.2 16.300a4 4 0 0 1 5.6 0M12 19.500v.1M4 4l16 16"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.2 2"/>`,
  link: svg`<path d="M13.5 4.500h6v6M19.5 4.5 11 13M18 14v4a1.8 1.8 0 0 1-1.8 1.800H6.300A1.8 1.8 0 0 1 4.5 18V8.300a1.8 1.8 0 0 1 1.8-1.800h4"/>`,
  shield: svg`<path d="M12 3.5 5 6v5.500c0 4.3 2.9 7.4 7 9 4.1-1.6 7-4.7 7-9V6z"/><path d="m9 12 2.2 2.200L15.2 10"/>`,
  retry: svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.400M19.5 4v4h-4"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof shapes;

/** Decorative always: the words stand beside it or in the label of the button. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shapes[name]}</svg>`;
}

/** Icons that the service may name for its menu; an unknown name gets the neutral one. */
export function menuIcon(name: string | null): TemplateResult {
  return icon(name !== null && name in shapes ? (name as IconName) : 'grid');
}
