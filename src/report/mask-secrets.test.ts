import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskSecrets } from './mask-secrets.ts'

describe('masks', () => {
  test.each([
    ['psexec \\\\web01 -u EX\\adm -p Hunter2! cmd', 'psexec \\\\web01 -u EX\\adm -p [masked] cmd'],
    ['PsExec64.exe -accepteula \\\\h -p "two words" cmd', 'PsExec64.exe -accepteula \\\\h -p "[masked]" cmd'],
    ['net use \\\\h\\s Hunter2! /u:EX\\adm', 'net use \\\\h\\s [masked] /u:EX\\adm'],
    ['net use Z: \\\\h\\c$ /user:EX\\adm Hunter2!', 'net use Z: \\\\h\\c$ /user:EX\\adm [masked]'],
    ['"C:\\Windows\\net.exe" use \\\\h\\s "Hunter 2" /u:adm', '"C:\\Windows\\net.exe" use \\\\h\\s "[masked]" /u:adm'],
    ['net user backup Hunter2! /add', 'net user backup [masked] /add'],
    ['cmdkey /add:h /user:u /pass:Hunter2!', 'cmdkey /add:h /user:u /pass:[masked]'],
    [
      'wmic /node:dc01 /user:adm /password:"Hunter2!" process list',
      'wmic /node:dc01 /user:adm /password:"[masked]" process list',
    ],
    ['mstsc /p:Hunter2!', 'mstsc /p:[masked]'],
    ['schtasks /create /ru adm /rp Hunter2! /tn x', 'schtasks /create /ru adm /rp [masked] /tn x'],
    ['plink -pw Hunter2! root@198.51.100.4', 'plink -pw [masked] root@198.51.100.4'],
    ['mysqldump -uroot -pHunter2! shop', 'mysqldump -uroot -p[masked] shop'],
    ['7z a -pHunter2! out.7z c:\\temp', '7z a -p[masked] out.7z c:\\temp'],
    ['rar a -hpHunter2! out.rar', 'rar a -hp[masked] out.rar'],
    ['sqlcmd -S db -U sa -P Hunter2!', 'sqlcmd -S db -U sa -P [masked]'],
    ['curl -u adm:Hunter2! https://web01.example/', 'curl -u adm:[masked] https://web01.example/'],
    ['wget https://adm:Hunter2!@web01.example/a', 'wget https://adm:[masked]@web01.example/a'],
    ['$p = ConvertTo-SecureString "Hunter2!" -AsPlainText -Force', '$p = ConvertTo-SecureString "[masked]" -AsPlainText -Force'],
    ["'Hunter2!' | ConvertTo-SecureString -AsPlainText -Force", "'[masked]' | ConvertTo-SecureString -AsPlainText -Force"],
    [
      'ConvertTo-SecureString -AsPlainText -Force -String "Hunter2!"',
      'ConvertTo-SecureString -AsPlainText -Force -String "[masked]"',
    ],
    ['(ConvertTo-SecureString -String:Hunter2! -AsPlainText)', '(ConvertTo-SecureString -String:[masked] -AsPlainText)'],
    [
      'powershell "ConvertTo-SecureString ""Hunter2!"" -AsPlainText"',
      'powershell "ConvertTo-SecureString ""[masked]"" -AsPlainText"',
    ],
    [
      'New-Object PSCredential("adm", (ConvertTo-SecureString "Hunt',
      'New-Object PSCredential("adm", (ConvertTo-SecureString [masked]',
    ],
    ["New-Object System.Net.NetworkCredential('adm', 'Hunter2!')", "New-Object System.Net.NetworkCredential('adm', '[masked]')"],
    ['"CommandLine":"psexec -u a -p \\"Hunter2!\\" cmd"', '"CommandLine":"psexec -u a -p \\"[masked]\\" cmd"'],
    ['"CommandLine":"net use \\\\\\\\h\\\\s Hunter2! /u:a"', '"CommandLine":"net use \\\\\\\\h\\\\s [masked] /u:a"'],
    ['Authorization: Basic YWRtOkh1bnRlcjIh', 'Authorization: Basic [masked]'],
    ['"authorization":"Bearer abc.def"', '"authorization":"Bearer [masked]"'],
    ['Cookie: JSESSIONID=AB12; theme=dark', 'Cookie: JSESSIONID=[masked]; theme=[masked]'],
    ['Set-Cookie: sid=AB12; Path=/; HttpOnly', 'Set-Cookie: sid=[masked]; Path=/; HttpOnly'],
    ['GET /login?user=adm&password=Hunter2!&next=/home', 'GET /login?user=adm&password=[masked]&next=/home'],
    ['GET /x;jsessionid=AB12CD?a=1', 'GET /x;jsessionid=[masked]'],
    ['Server=db;User Id=sa;Password=Hunter2!;Encrypt=no', 'Server=db;User Id=sa;Password=[masked];Encrypt=no'],
    ['{"user":"adm","password":"Hunter2!"}', '{"user":"adm","password":"[masked]"}'],
    ['DB_PASSWORD=Hunter2!', 'DB_PASSWORD=[masked]'],
    [
      'AKIAIOSFODNN7EXAMPLE and aws_secret_access_key = wJalrXUtnFEMI/K7MDENG',
      'AKIA[masked] and aws_secret_access_key = [masked]',
    ],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln', 'token eyJ[masked]'],
    ['username adm password 7 0822455D0A16', 'username adm password 7 [masked]'],
    ['enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0', 'enable secret 5 [masked]'],
    ['set psksecret ENC aGVsbG8=', 'set psksecret ENC [masked]'],
    ['echo Hunter2! | sudo -S id', 'echo [masked] | sudo -S id'],
    ['adm:500:aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::', 'adm:500:[masked]:::'],
    ['nxc smb 10.0.0.5 -u adm -p Hunter2! --shares', 'nxc smb 10.0.0.5 -u adm -p [masked] --shares'],
    ['--password=Hunter2! --host db', '--password=[masked] --host db'],
  ])('%s', (text, expected) => expect(maskSecrets(text)).toBe(expected))
})

describe('leaves alone', () => {
  test.each([
    '$p = $env:PW | ConvertTo-SecureString -AsPlainText -Force',
    'ConvertTo-SecureString $plain -AsPlainText -Force',
    'New-Object PSCredential("adm", $secure)',
    'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
    'mkdir -p /var/www/html',
    'ssh -p 2222 root@web01',
    'nmap -p 1-1024 10.0.0.0/24',
    'cp -p a b',
    'docker run -u root -d -p 8080:80 nginx',
    'netstat -ano -p tcp',
    'ps -p 4242 -o args',
    'net use \\\\h\\s /delete',
    'net use Z: \\\\h\\s * /user:adm',
    'net user administrator /active:no',
    'net user adm /domain',
    'net user',
    'cmd /c dir /p /s',
    'xcopy /p a b',
    'schtasks /run /tn "\\Backup"',
    'netsh interface portproxy show all',
    'PasswordLastSet=2023-05-01T00:00:00Z',
    '"TokenElevationType":"%%1936"',
    '"PwdLastSet":"133281234567890000"',
    'An account failed to log on: bad password.',
    'password: expired',
    '-Password $cred',
    '%PASSWORD% and password=%PASSWORD%',
    'compass=north bypass=yes',
    'powershell -ExecutionPolicy Bypass -File x.ps1',
    'GET /forgot-password HTTP/1.1',
    'https://web01.example:8443/path',
    'C:\\Users\\token\\keys.txt',
    'author=anna keyboard=us monkey=1',
    'Logon Process: Advapi, Key Length: 0',
    'Sec-Fetch-Mode: navigate',
  ])('%s', text => expect(maskSecrets(text)).toBe(text))
})

test('masking twice changes nothing, random text never throws', () => {
  const piece = fc.constantFrom(
    '-p ',
    'password=',
    '"',
    '\\"',
    "'",
    ' ',
    'Cookie: a=',
    ';',
    'net use \\\\h\\s ',
    '/p:',
    'psexec ',
    '://a:',
    '@',
    'x',
    '\n',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(piece, fc.string({ maxLength: 6 }))).map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(text, value => {
      const once = maskSecrets(value)
      expect(maskSecrets(once)).toBe(once)
    }),
    { numRuns: 3000 },
  )
})

test('long hostile text takes no long time', () => {
  const start = performance.now()
  for (const unit of ['-u a ', 'psexec -p', 'password=', 'net use ', 'a=b; ', '"', '\\"', '://a:', ' -p ', 'eyJa.', 'x-'])
    maskSecrets(unit.repeat(20_000).slice(0, 65_536))
  expect(performance.now() - start).toBeLessThan(5000)
})
