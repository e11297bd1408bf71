/** How text is called that a function or a long loop of the page unpacked in a way that could not be followed. */
export const OWN_UNPACKING = 'text the page unpacks itself'

/** How the text of the page itself is called where the page reads it. */
export const OWN_TEXT = 'the text of the page itself'
