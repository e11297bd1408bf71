// Runs inside the page under test (plain JavaScript, because the type checker of this repository knows no browser).

/**
 * What a careful person would see at a glance, as text: page wider than the window, text that leaves the window, lies on other text, is
 * cut off, or sticks out of its box in the drawing.
 */
globalThis.layoutProblems = () => {
  const found = []
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth > width)
    found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`)
  const pieces = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const owner = node.parentElement
    if (
      !owner ||
      !node.textContent?.trim() ||
      owner.closest('script,style,title,.skip,thead,select') ||
      !owner.checkVisibility({ checkVisibilityCSS: true })
    )
      continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const rects = owner instanceof SVGElement ? [owner.getBoundingClientRect()] : [...range.getClientRects()]
    for (const rect of rects) {
      if (rect.width < 1 || rect.height < 1) continue
      // The em box is taller than the letters; a fifth off at both sides leaves what is inked.
      const slack = rect.height * 0.2
      pieces.push({
        text: node.textContent.trim().slice(0, 40),
        left: rect.left,
        right: rect.right,
        top: rect.top + slack,
        bottom: rect.bottom - slack,
        owner,
      })
    }
  }
  for (const piece of pieces)
    if (!piece.owner.closest('.excerpt') && (piece.left < -1 || piece.right > width + 1))
      found.push(`"${piece.text}" leaves the window (${Math.round(piece.left)} to ${Math.round(piece.right)})`)
  pieces.sort((a, b) => a.top - b.top)
  for (const [index, a] of pieces.entries())
    for (let next = index + 1; next < pieces.length; next++) {
      const b = pieces[next]
      if (!b || b.top >= a.bottom) break
      if (a.owner.closest('.excerpt') || b.owner.closest('.excerpt') || a.owner.closest('.bar') || b.owner.closest('.bar'))
        continue
      if (
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1.5
      )
        found.push(`"${a.text}" lies on "${b.text}"`)
    }
  for (const group of document.querySelectorAll('.bd-box')) {
    const box = group.querySelector('rect')?.getBoundingClientRect()
    if (!box || box.width === 0) continue
    for (const text of group.querySelectorAll('text')) {
      const rect = text.getBoundingClientRect()
      if (rect.left < box.left - 1 || rect.right > box.right + 1 || rect.top < box.top - 1 || rect.bottom > box.bottom + 1)
        found.push(`"${text.textContent}" sticks out of its box`)
    }
  }
  for (const element of document.querySelectorAll('body *')) {
    const style = getComputedStyle(element)
    if (
      (style.overflowX === 'hidden' || style.textOverflow === 'ellipsis') &&
      element.scrollWidth > element.clientWidth + 1 &&
      element.checkVisibility()
    )
      found.push(`${element.tagName} cuts its text`)
  }
  return found.slice(0, 20)
}

/** HTML text whose contrast against its background is below WCAG 2.2 AA (1.4.3): 4.5, or 3 for large text. */
globalThis.contrastProblems = () => {
  const parse = text => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
    return [r, g, b, a]
  }
  const luminance = ([r, g, b]) => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map(value =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const background = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor)
      if (colour[3] > 0) return colour
    }
    return [255, 255, 255, 1]
  }
  const found = new Set()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const owner = node.parentElement
    if (
      !owner ||
      !node.textContent?.trim() ||
      owner instanceof SVGElement ||
      owner.closest('script,style,.skip,option') ||
      !owner.checkVisibility()
    )
      continue
    const style = getComputedStyle(owner)
    const [a, b] = [luminance(parse(style.color)), luminance(background(owner))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const size = Number.parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (large ? 3 : 4.5))
      found.add(`${owner.tagName}.${owner.className} ${ratio.toFixed(2)} "${node.textContent.trim().slice(0, 30)}"`)
  }
  return [...found]
}

/** Opens every part that can be opened. */
globalThis.openAll = () => {
  for (const item of document.querySelectorAll('details')) item.open = true
}

/** Markup of the element in focus when nothing shows that it has the focus. */
globalThis.unmarkedFocus = () => {
  const at = document.activeElement
  if (!at || at === document.body) return ''
  const row = at.querySelector('.bd-row, .tl-pill, .tl-shape')
  const marked = row ? getComputedStyle(row).stroke !== 'none' && Number.parseFloat(getComputedStyle(row).strokeWidth) >= 2 : getComputedStyle(at).outlineStyle !== 'none'
  return marked ? '' : at.outerHTML.slice(0, 80)
}

/** Links that lead nowhere inside the page, and ids that stand twice. */
globalThis.deadLinks = () =>
  [...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href')).filter(href => !href.startsWith('#') || !document.getElementById(href.slice(1)))
globalThis.doubleIds = () => {
  const ids = [...document.querySelectorAll('[id]')].map(item => item.id)
  return ids.filter((id, index) => ids.indexOf(id) !== index)
}
