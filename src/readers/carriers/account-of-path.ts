/** The account whose home folder a path lies in: "/home/ora/.bash_history", "root/.ssh/…", "C/Users/ora/AppData/…"; '' when it says none. */
export function accountOfPath(path: string): string {
  const plain = decodedPath(path).replaceAll('\\', '/')
  const home = /(?:^|[/!])(?:home|Users)\/([^/!]{1,128})\//i.exec(plain)?.[1]
  if (home !== undefined && !/^(?:public|default|all users)$/i.test(home)) return home
  return /(?:^|[/!])root\/[^/]+(?:$|\/)/.test(plain) ? 'root' : ''
}

/** Collections write characters of a path as %XX. */
function decodedPath(path: string): string {
  return path.replace(/%([0-9a-fA-F]{2})/g, (all, hex: string) => {
    const code = Number.parseInt(hex, 16)
    return code >= 32 && code < 127 ? String.fromCharCode(code) : all
  })
}
