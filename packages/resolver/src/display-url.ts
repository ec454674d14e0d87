/**
 * A handle or URL as messages may show it: without the user and password in front of its host, and without the values of parameters that
 * are there to prove who is asking. What is not a URL is returned as it is.
 */
export function displayUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
    .replace(/([?&][^=&#]*(?:sig|token|key|secret|passw|credential|auth)[^=&#]*=)[^&#]*/gi, '$1***');
}
