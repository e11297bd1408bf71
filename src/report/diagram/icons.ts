import type { Box } from './story.ts'

/** Line icons in a square of 14, one for each kind of box. */
export const icons: Readonly<Record<Box['entity'], string>> = {
  unknown: 'M4.6 5a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2 1-1.2 2M7 11.8v.2',
  'outside-address': 'M1.5 7a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M1.5 7h11M7 1.5c-3.4 3.6-3.4 7.4 0 11c3.4-3.6 3.4-7.4 0-11',
  relay: 'M1.5 8.5h11v4h-11zM4 10.5h.1M6.5 10.5h.1M10.5 8.5v-4M8.3 4.2a3 3 0 0 1 4.4 0M9.3 2a6 6 0 0 1 2.4 0',
  'edge-device': 'M7 1.5l5 1.8v3.6c0 3-2.1 4.8-5 5.8c-2.9-1-5-2.8-5-5.8V3.3z',
  host: 'M2 1.8h10v4.4H2zM2 7.8h10v4.4H2zM4 4h.1M4 10h.1M7.5 4h2.5M7.5 10h2.5',
  account: 'M4.5 4.5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0M2 12.5c.3-3 2.2-4.5 5-4.5s4.7 1.5 5 4.5',
  file: 'M3 1.5h5l3 3v8H3zM8 1.5v3h3',
  'web-resource': 'M1.5 2.5h11v9h-11zM1.5 5h11M5.5 7l-1.5 1.4l1.5 1.4M8.5 7l1.5 1.4l-1.5 1.4',
  service:
    'M4.8 7a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0-4.4 0M7 1.5v2M7 10.5v2M1.5 7h2M10.5 7h2M3.1 3.1l1.4 1.4M9.5 9.5l1.4 1.4M10.9 3.1L9.5 4.5M4.5 9.5l-1.4 1.4',
  'critical-service': 'M8 1.5L3 8h3.6L6 12.5L11 6H7.4z',
}
