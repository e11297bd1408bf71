/**
 * Names of time zones as Windows has them: the key in the registry, a place that its words name, and the zone of IANA (Unicode CLDR,
 * windowsZones, territory 001). Those whose clocks change, and the sites of critical infrastructure in the Pacific; others keep their offset.
 */
const ZONES: readonly (readonly [key: string, place: string, zone: string])[] = [
  ['UTC', 'Coordinated Universal Time', 'UTC'],
  ['GMT Standard Time', 'Dublin, Edinburgh', 'Europe/London'],
  ['W. Europe Standard Time', 'Amsterdam, Berlin', 'Europe/Berlin'],
  ['Romance Standard Time', 'Brussels, Copenhagen', 'Europe/Paris'],
  ['Central Europe Standard Time', 'Belgrade, Bratislava', 'Europe/Budapest'],
  ['Central European Standard Time', 'Sarajevo, Skopje', 'Europe/Warsaw'],
  ['E. Europe Standard Time', 'Chisinau', 'Europe/Chisinau'],
  ['FLE Standard Time', 'Helsinki, Kyiv', 'Europe/Kiev'],
  ['GTB Standard Time', 'Athens, Bucharest', 'Europe/Bucharest'],
  ['Russian Standard Time', 'Moscow, St. Petersburg', 'Europe/Moscow'],
  ['Turkey Standard Time', 'Istanbul', 'Europe/Istanbul'],
  ['Israel Standard Time', 'Jerusalem', 'Asia/Jerusalem'],
  ['Eastern Standard Time', 'Eastern Time (US & Canada)', 'America/New_York'],
  ['US Eastern Standard Time', 'Indiana (East)', 'America/Indianapolis'],
  ['Central Standard Time', 'Central Time (US & Canada)', 'America/Chicago'],
  ['Mountain Standard Time', 'Mountain Time (US & Canada)', 'America/Denver'],
  ['US Mountain Standard Time', 'Arizona', 'America/Phoenix'],
  ['Pacific Standard Time', 'Pacific Time (US & Canada)', 'America/Los_Angeles'],
  ['Alaskan Standard Time', 'Alaska', 'America/Anchorage'],
  ['Hawaiian Standard Time', 'Hawaii', 'Pacific/Honolulu'],
  ['Atlantic Standard Time', 'Atlantic Time (Canada)', 'America/Halifax'],
  ['Newfoundland Standard Time', 'Newfoundland', 'America/St_Johns'],
  ['West Pacific Standard Time', 'Guam, Port Moresby', 'Pacific/Port_Moresby'],
  ['Central Pacific Standard Time', 'Solomon Is., New Caledonia', 'Pacific/Guadalcanal'],
  ['New Zealand Standard Time', 'Auckland, Wellington', 'Pacific/Auckland'],
  ['AUS Eastern Standard Time', 'Canberra, Melbourne, Sydney', 'Australia/Sydney'],
  ['E. Australia Standard Time', 'Brisbane', 'Australia/Brisbane'],
  ['Cen. Australia Standard Time', 'Adelaide', 'Australia/Adelaide'],
  ['AUS Central Standard Time', 'Darwin', 'Australia/Darwin'],
  ['W. Australia Standard Time', 'Perth', 'Australia/Perth'],
  ['Tasmania Standard Time', 'Hobart', 'Australia/Hobart'],
  ['Tokyo Standard Time', 'Osaka, Sapporo, Tokyo', 'Asia/Tokyo'],
  ['Korea Standard Time', 'Seoul', 'Asia/Seoul'],
  ['Taipei Standard Time', 'Taipei', 'Asia/Taipei'],
  ['China Standard Time', 'Beijing, Chongqing', 'Asia/Shanghai'],
  ['Singapore Standard Time', 'Kuala Lumpur, Singapore', 'Asia/Singapore'],
  ['SE Asia Standard Time', 'Bangkok, Hanoi, Jakarta', 'Asia/Bangkok'],
  ['India Standard Time', 'Chennai, Kolkata', 'Asia/Calcutta'],
  ['Arabian Standard Time', 'Abu Dhabi, Muscat', 'Asia/Dubai'],
  ['South Africa Standard Time', 'Harare, Pretoria', 'Africa/Johannesburg'],
  ['E. South America Standard Time', 'Brasilia', 'America/Sao_Paulo'],
  ['Argentina Standard Time', 'City of Buenos Aires', 'America/Buenos_Aires'],
  ['SA Pacific Standard Time', 'Bogota, Lima, Quito', 'America/Bogota'],
]

/** The zone of a key such as "West Pacific Standard Time". */
export function zoneOfWindowsKey(key: string): string | undefined {
  return ZONES.find(([name]) => name.toLowerCase() === key.trim().toLowerCase())?.[2]
}

/** The zone of the words after the offset, "Guam, Port Moresby"; undefined when they are not English or not known. */
export function zoneOfWindowsPlaces(places: string): string | undefined {
  return ZONES.find(([, place]) => places.startsWith(place))?.[2]
}
