/** Endings of pictures, documents, sound and films, and then one that runs: Windows hides the second by default (ATT&CK T1036.007). */
const DISGUISED =
  /\.(?:jpe?g|png|gif|bmp|tiff?|svg|pdf|docx?|xlsx?|pptx?|rtf|odt|txt|csv|html?|mp3|mp4|avi|mov|wav)[\s_]*\.(?:exe|scr|com|pif|cpl|msi|hta|vbs|vbe|jse?|wsf|bat|cmd|ps1|lnk)$/i

/** Does a program carry the name of a picture or document before its own ending? */
export function isDisguisedAsDocument(name: string): boolean {
  return DISGUISED.test(name)
}
