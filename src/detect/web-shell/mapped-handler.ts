import type { EventOf, Match, RecordDetector } from '../../model/index.ts'

/** Names that servers hand out as they are. A page of the site under such a name is code that nobody looks for. */
const FIXED =
  /^(?:.*[*/\\])?[^*/\\]*\.(?:gif|jpe?g|png|ico|bmp|webp|svg|css|txt|log|config|ini|dat|woff2?|ttf|eot|mp4|pdf|zip|html?|xml)$/i
/** What runs text as code: the engines of IIS and ASP.NET, PHP, CGI. */
const ENGINE =
  /asp\.dll|aspnet_isapi|php[\w-]*\.(?:exe|dll)|\bperl\b|python|System\.Web\.UI\.(?:PageHandlerFactory|SimpleHandlerFactory)|WebServiceHandlerFactory|\b(?:Cgi|Isapi|FastCgi)Module\b/i
/** Text and markup that sites do let a script engine make. */
const OFTEN_MADE = /\.(?:html?|xml|txt)$/i
/** .NET types of the framework and the usual drawing of pictures in other sizes. */
const USUAL_TYPE =
  /^System\.|^Microsoft\.|ImageResiz|ImageProcess|StaticFile|DotNetNuke|Telerik|DevExpress|Sitecore|Umbraco|Kentico/i

/** A handler gives files that are no pages to a script engine: a shell in a picture then runs under its own name. */
export const mappedHandler: RecordDetector<'device_config'> = {
  on: 'record',
  id: 'web-shell/mapped-handler',
  title: 'Fixed files handed to a script engine',
  reads: 'device_config',
  techniques: ['T1505.003', 'T1505.004'],
  severity: 'high',
  confidence: 'moderate',
  why: 'Pictures, styles and settings are handed out as they are; a server that runs them runs a shell that is called like one.',
  innocent: 'a site that makes its pages under fixed names, or a product that draws pictures in the size that is asked for',
  detect(event) {
    if (event.product !== 'web-server' || event.object !== 'handler') return undefined
    const paths = (event.attribute ?? '').split(',').filter(path => FIXED.test(path.trim()))
    return paths.length === 0 ? undefined : mappedTo(event, paths)
  },
}

function mappedTo(event: EventOf<'device_config'>, paths: readonly string[]): Match | undefined {
  const value = event.command ?? ''
  const named = `${paths.join(', ')}${event.interface ? ` of ${event.interface}` : ''}`
  if (ENGINE.test(value))
    return {
      title: `${named} is run by ${value.slice(0, 160)}`,
      object: `handler ${paths.join(',')}`,
      severity: paths.every(path => OFTEN_MADE.test(path)) ? 'low' : 'high',
    }
  const [type = ''] = value.split(/[,\s]/)
  // A type of the site's own draws charts and photographs; it is a sign beside others.
  if (!/^[\w.+]+$/.test(type) || !type.includes('.') || USUAL_TYPE.test(type)) return undefined
  return {
    title: `${named} is answered by ${type.slice(0, 160)}`,
    object: `handler ${paths.join(',')}`,
    severity: 'low',
    confidence: 'low',
  }
}
