// The certified OpenID provider, on a free loopback port. Its first line of output is its issuer; it ends with its standard input.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const settings = JSON.parse(process.argv[2]);

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'edge',
      client_secret: 'a-secret-of-the-edge-and-nobody-else',
      redirect_uris: settings.redirectUris,
      post_logout_redirect_uris: settings.postLogoutRedirectUris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    }],
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email'] },
    // Otherwise claims are only at the endpoint for them.
    conformIdTokenClaims: !settings.hasClaimsInIdTokens,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} of the shop`, email: `${id}@shop.example`, groups: ['readers', 'buyers', ...Array.from({ length: settings.moreGroups }, (_, i) => `group-${i}-of-the-shop`)] }),
    }),
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    features: { pushedAuthorizationRequests: { enabled: settings.takesPushedRequests } },
    pkce: { required: () => true },
    issueRefreshToken: async (_, client, code) => client.grantTypeAllowed('refresh_token') && (code.scopes.has('offline_access') || settings.refreshes),
    rotateRefreshToken: true,
    cookies: { keys: ['a key of the tests'] },
    ttl: {
      AccessToken: settings.accessTokenSeconds ?? 3600,
      IdToken: 3600,
      RefreshToken: 7200,
      Session: 7200,
      Interaction: 600,
      Grant: 7200,
    },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
