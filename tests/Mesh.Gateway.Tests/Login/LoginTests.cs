using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Mesh.Gateway.Tests.Login;

/// <summary>Users log in with a browser, at a provider that others wrote.</summary>
public sealed class LoginTests
{
    private const string Session = "__Host-mesh-session";
    private const string Routes = """
        {
          "account": { "Rules": [ { "Matches": [ { "Path": { "Value": "/account" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Accept": [ "Session" ],
            "ForwardClaims": [ { "Header": "x-user", "Claim": "sub" }, { "Header": "x-groups", "Claim": "groups" }, { "Header": "x-email", "Claim": "email" } ] } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "any": { "Rules": [ { "Matches": [ { "Path": { "Value": "/any" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Anonymous": false } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "relay": { "Rules": [ { "Matches": [ { "Path": { "Value": "/relay" } } ], "Filters": [ { "Type": "Auth", "Auth": { "Accept": [ "Session" ], "ForwardCredentials": true } } ], "BackendRefs": [ { "Name": "orders" } ] } ] },
          "rest": { "Rules": [ { "BackendRefs": [ { "Name": "orders" } ] } ] }
        }
        """;

    private FakeTimeProvider _time = null!;
    private OidcProvider _provider = null!;
    private Backend _backend = null!;
    private Edge _edge = null!;
    private ScriptedBrowser _browser = null!;

    [OneTimeSetUp]
    public async Task StartProviderAsync() => _provider = await OidcProvider.StartAsync();

    [OneTimeTearDown]
    public async Task StopProviderAsync() => await _provider.DisposeAsync();

    [SetUp]
    public async Task StartAsync()
    {
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _backend = await Backend.StartAsync();
        _edge = await StartEdgeAsync(_provider);
        _browser = new ScriptedBrowser(_edge.Address);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _browser.Dispose();
        await _edge.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Test]
    public async Task Browser_LogsIn_AndIsWhereItWantedToBe()
    {
        var page = await _browser.LogInAsync("/account/orders?page=2");

        Assert.That((page.Status, page.Address.PathAndQuery, page.Body), Is.EqualTo((HttpStatusCode.OK, "/account/orders?page=2", "ok")));
        Assert.That(_backend.Headers["x-user"], Is.EqualTo("ada"));
        Assert.That(_backend.Headers["x-groups"], Is.EqualTo("readers,buyers"));
        Assert.That(_browser.ShopCookies, Is.EqualTo(new[] { Session }), "what tied the login together is gone");
        var cookie = _browser.SetCookies.Last(static line => line.StartsWith($"{Session}=", StringComparison.Ordinal)).ToLowerInvariant();
        Assert.That(cookie, Does.Contain("; path=/").And.Contain("; secure").And.Contain("; httponly").And.Contain("; samesite=lax").And.Not.Contain("domain="));
    }

    [Test]
    public async Task Challenge_Always_IsACodeFlowWithPkceStateAndNonce()
    {
        await using var provider = await OidcProvider.StartAsync(takesPushedRequests: false);
        await using var edge = await StartEdgeAsync(provider);
        using var browser = new ScriptedBrowser(edge.Address);
        var challenge = await browser.OpenAsync("/account");

        Assert.That(challenge.Status, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That(challenge.Location!.AbsoluteUri, Does.StartWith($"{provider.Issuer}/auth?"));
        Assert.That(challenge.Location.Query, Does.Contain("response_type=code").And.Contain("code_challenge_method=S256").And.Contain("state=").And.Contain("nonce="));
        Assert.That(challenge.Location.Query, Does.Not.Contain("response_mode"), "query, which is the default");
        Assert.That((await browser.FollowAsync(challenge)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(challenge.SetCookies, Has.All.Contain("secure").And.All.Contain("httponly").And.All.Contain("samesite=lax"));
    }

    [TestCase("Accept", "application/json")]
    [TestCase("Sec-Fetch-Mode", "cors")]
    [TestCase("Sec-Fetch-Dest", "iframe")]
    [TestCase("X-Requested-With", "XMLHttpRequest")]
    public async Task Script_WithoutSession_IsToldAndNotSentAway(string header, string value)
    {
        (string, string)[] headers = [.. new (string Name, string Value)[] { ("Accept", "text/html") }.Where(pair => pair.Name != header), (header, value)];
        var answer = await _browser.SendAsync(HttpMethod.Get, new Uri($"{ScriptedBrowser.Shop}/account"), null, headers);

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(answer.Body, Does.Contain("urn:mesh:problem:login-required"));
    }

    [Test]
    public async Task Post_WithoutSession_IsToldAndNotSentAway()
    {
        var answer = await _browser.SendAsync(HttpMethod.Post, new Uri($"{ScriptedBrowser.Shop}/account"), [], ("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"));

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(_backend.Requests, Is.Zero);
    }

    [Test]
    public async Task Upstream_SeesNoCookieOfTheGateway_AndTheOthersByteForByte()
    {
        await _browser.LogInAsync("/account");
        var session = _browser.Cookies[("shop.example", Session)];

        foreach (var path in new[] { "/account", "/any", "/rest", "/relay" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = "shop.example";
            request.Headers.TryAddWithoutValidation("Cookie", $"a=\"1 2\";  b=; {Session}={session}; {Session}C1=x; {Session}-state.q=N;c==d");
            using var response = await _edge.Client.SendAsync(request);

            Assert.That(_backend.Headers["Cookie"], Is.EqualTo("a=\"1 2\";  b=;c==d"), path);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        }
    }

    [Test]
    public async Task Session_ThatWasChanged_IsNone()
    {
        await _browser.LogInAsync("/account");
        var key = ("shop.example", Session);
        var session = _browser.Cookies[key];
        foreach (var changed in new[] { session[..^8] + "AAAAAAAA", "AAAA" + session[4..], session + session, "chunks-3", "%00", "" })
        {
            _browser.Cookies[key] = changed;
            Assert.That((await _browser.OpenAsync("/account", ("Sec-Fetch-Mode", "cors"))).Status, Is.EqualTo(HttpStatusCode.Unauthorized), changed);
        }

        _browser.Cookies[key] = session;
        Assert.That((await _browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Session_GrowsOld_EndsAndBeginsAgain()
    {
        await _browser.LogInAsync("/account");
        var first = _browser.Cookies[("shop.example", Session)];
        _time.Advance(TimeSpan.FromMinutes(20));
        await _browser.OpenAsync("/account");
        Assert.That(_browser.Cookies[("shop.example", Session)], Is.EqualTo(first), "in the first half of its time it stays as it is");

        _time.Advance(TimeSpan.FromMinutes(20));
        var renewed = await _browser.OpenAsync("/account");
        Assert.That((renewed.Status, renewed.CacheControl), Is.EqualTo((HttpStatusCode.OK, "no-store")));
        Assert.That(_browser.Cookies[("shop.example", Session)], Is.Not.EqualTo(first));

        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.That((await _browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.That((await _browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect), "nobody was there for an hour");
    }

    [Test]
    public async Task Session_IsUsedAllDay_EndsAllTheSame()
    {
        await _browser.LogInAsync("/account");
        for (var passed = TimeSpan.Zero; passed <= TimeSpan.FromMinutes(450); passed += TimeSpan.FromMinutes(45))
        {
            Assert.That((await _browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK), $"{passed}");
            _time.Advance(TimeSpan.FromMinutes(45));
        }

        Assert.That((await _browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect), "after 495 minutes, of which 45 without a request");
    }

    [Test]
    public async Task Callback_WithStateOfAnotherBrowser_IsRefused()
    {
        var caught = await _browser.LogInAsync("/account", stopsAt: $"{ScriptedBrowser.Shop}/mesh/login/callback");
        using var victim = new ScriptedBrowser(_edge.Address);

        var answer = await victim.OpenAsync(caught.Location!);

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Body, Does.Contain("login-failed"));
        Assert.That(victim.ShopCookies, Is.Empty);
    }

    [TestCase("state=", "state=A")]
    [TestCase("code=", "code=A")]
    [TestCase("iss=", "iss=https%3A%2F%2Fevil.example&was=")]
    [TestCase("state=", "was=")]
    [TestCase("code=", "id_token=a.b.c&was=")]
    public async Task Callback_ThatWasChanged_IsRefused(string text, string replacement)
    {
        var caught = await _browser.LogInAsync("/account", stopsAt: $"{ScriptedBrowser.Shop}/mesh/login/callback");

        var answer = await _browser.OpenAsync(new Uri(caught.Location!.AbsoluteUri.Replace(text, replacement, StringComparison.Ordinal)));

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Body, Does.Contain("login-failed"));
        Assert.That(_browser.ShopCookies, Has.None.EqualTo(Session));
    }

    [Test]
    public async Task Callback_OfAnotherLogin_HasTheWrongNonce()
    {
        // The answer to one login, with what ties the browser to it, and the nonce of another.
        var caught = await _browser.LogInAsync("/account", stopsAt: $"{ScriptedBrowser.Shop}/mesh/login/callback");
        foreach (var name in _browser.ShopCookies.Where(static name => name.Contains("-nonce.", StringComparison.Ordinal)).ToArray())
        {
            _browser.Cookies.Remove(("shop.example", name));
        }

        await _browser.OpenAsync("/account/other");

        Assert.That((await _browser.OpenAsync(caught.Location!)).Body, Does.Contain("login-failed"));
    }

    [Test]
    public async Task Callback_Twice_GivesOneSession()
    {
        var caught = await _browser.LogInAsync("/account", stopsAt: $"{ScriptedBrowser.Shop}/mesh/login/callback");
        Assert.That((await _browser.OpenAsync(caught.Location!)).Status, Is.EqualTo(HttpStatusCode.Redirect));

        Assert.That((await _browser.OpenAsync(caught.Location!)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Callback_UserDoesNotAgree_IsRefused()
    {
        var caught = await _browser.LogInAsync("/account", stopsAt: $"{ScriptedBrowser.Shop}/mesh/login/callback");
        var denied = new Uri(System.Text.RegularExpressions.Regex.Replace(caught.Location!.AbsoluteUri, "code=[^&]+", "error=access_denied"));

        var answer = await _browser.OpenAsync(denied);

        Assert.That((answer.Status, answer.Body.Contains("login-refused", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.Forbidden, true)));
    }

    [TestCase("//evil.example/")]
    [TestCase("/%5Cevil.example")]
    [TestCase("https://evil.example")]
    [TestCase("https:evil.example")]
    [TestCase("%09//evil.example")]
    [TestCase("/%09/evil.example")]
    [TestCase("javascript:alert(1)")]
    [TestCase("")]
    public async Task LoginPath_ReturnUrlOfOthers_LeadsHome(string returnUrl)
    {
        var page = await _browser.LogInAsync($"/mesh/login?returnUrl={returnUrl}", stopsAt: $"{ScriptedBrowser.Shop}/mesh/login/callback");
        var landing = await _browser.OpenAsync(page.Location!);

        Assert.That(landing.Location!.AbsoluteUri, Is.EqualTo($"{ScriptedBrowser.Shop}/"));
    }

    [Test]
    public async Task LoginPath_ReturnUrlOfItsOwn_LeadsThere()
    {
        var page = await _browser.LogInAsync("/mesh/login?returnUrl=%2Faccount%3Fa%3Db");

        Assert.That((page.Status, page.Address.PathAndQuery), Is.EqualTo((HttpStatusCode.OK, "/account?a=b")));
    }

    [Test]
    public async Task Logout_ByAPageOfOneself_EndsHereAndAtTheProvider()
    {
        await _browser.LogInAsync("/account");

        var answer = await _browser.SendAsync(HttpMethod.Post, new Uri($"{ScriptedBrowser.Shop}/mesh/logout"), [], ("Origin", ScriptedBrowser.Shop), ("Sec-Fetch-Site", "same-origin"));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.SeeOther));
        Assert.That(answer.Location!.AbsoluteUri, Does.StartWith($"{_provider.Issuer}/session/end?").And.Contain("id_token_hint=").And.Contain("post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fbye"));
        Assert.That(_browser.ShopCookies, Is.Empty);

        var bye = await _browser.FollowAsync(answer);
        Assert.That(bye.Address.AbsoluteUri, Is.EqualTo($"{ScriptedBrowser.Shop}/bye"));
        Assert.That((await _browser.FollowAsync(await _browser.OpenAsync("/account"), "eve")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_backend.Headers["x-user"], Is.EqualTo("eve"), "the provider has forgotten the first");
    }

    [TestCase("Sec-Fetch-Site", "cross-site")]
    [TestCase("Sec-Fetch-Site", "same-site")]
    [TestCase("Origin", "https://evil.example")]
    [TestCase("Origin", "null")]
    public async Task Logout_ByThePageOfSomebodyElse_IsRefused(string header, string value)
    {
        await _browser.LogInAsync("/account");

        var answer = await _browser.SendAsync(HttpMethod.Post, new Uri($"{ScriptedBrowser.Shop}/mesh/logout"), [], (header, value));

        Assert.That((answer.Status, answer.Body.Contains("cross-site-request", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.Forbidden, true)));
        Assert.That(_browser.ShopCookies, Has.One.EqualTo(Session));
    }

    [Test]
    public async Task Logout_ByGet_IsRefused() => Assert.That((await _browser.OpenAsync("/mesh/logout")).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));

    [TestCase("POST", "https://evil.example", "", 403)]
    [TestCase("POST", "https://shop.example", "", 200)]
    [TestCase("POST", "https://app.shop.example", "same-site", 200)]
    [TestCase("POST", "https://other.shop.example", "same-site", 403)]
    [TestCase("DELETE", "", "cross-site", 403)]
    [TestCase("PUT", "https://shop.example", "same-origin", 200)]
    [TestCase("POST", "", "", 200)]
    [TestCase("GET", "https://evil.example", "cross-site", 200)]
    public async Task Session_OfARequestThatChangesSomething_CountsForPagesOfOneself(string method, string origin, string site, int status)
    {
        await _browser.LogInAsync("/account");
        (string, string)[] headers = [.. new[] { ("Origin", origin), ("Sec-Fetch-Site", site) }.Where(static pair => pair.Item2.Length > 0)];

        var answer = await _browser.SendAsync(new HttpMethod(method), new Uri($"{ScriptedBrowser.Shop}/account"), null, headers);

        Assert.That((int)answer.Status, Is.EqualTo(status));
        Assert.That(answer.Body.Contains("cross-site-request", StringComparison.Ordinal), Is.EqualTo(status == 403));
    }

    [Test]
    public async Task Session_OfAnotherGatewayWithOtherKeys_IsNone()
    {
        await _browser.LogInAsync("/account");
        await using var other = await StartEdgeAsync(_provider);
        using var browser = new ScriptedBrowser(other.Address);
        browser.Cookies[("shop.example", Session)] = _browser.Cookies[("shop.example", Session)];

        Assert.That((await browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
    }

    [Test]
    public async Task KeysDirectory_IsShared_EveryGatewayKnowsTheSession()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-login-").FullName;
        try
        {
            var more = $""", "KeysDirectory": "{folder}" """;
            await using var first = await StartEdgeAsync(_provider, more);
            await using var second = await StartEdgeAsync(_provider, more);
            using var browser = new ScriptedBrowser(first.Address);
            await browser.LogInAsync("/account");
            using var elsewhere = new ScriptedBrowser(second.Address);
            elsewhere.Cookies[("shop.example", Session)] = browser.Cookies[("shop.example", Session)];

            Assert.That((await elsewhere.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task Provider_IsGone_NobodyLogsInAndSessionsGoOn()
    {
        var provider = await OidcProvider.StartAsync();
        await using var edge = await StartEdgeAsync(provider);
        using var browser = new ScriptedBrowser(edge.Address);
        await browser.LogInAsync("/account");
        using var late = new ScriptedBrowser(edge.Address);
        var caught = await late.LogInAsync("/account", stopsAt: $"{ScriptedBrowser.Shop}/mesh/login/callback");
        await using var cold = await StartEdgeAsync(provider);
        await provider.DisposeAsync();

        Assert.That((await browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
        var answer = await late.OpenAsync(caught.Location!);
        Assert.That((answer.Status, answer.Body.Contains("login-unavailable", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)));
        using var early = new ScriptedBrowser(cold.Address);
        answer = await early.OpenAsync("/account");
        Assert.That((answer.Status, answer.Body.Contains("login-unavailable", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)));
        answer = await browser.SendAsync(HttpMethod.Post, new Uri($"{ScriptedBrowser.Shop}/mesh/logout"), []);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.SeeOther), "logging out needs nobody");
    }

    [Test]
    public async Task UserInfo_GivesClaimsThatTheIdTokenLacks()
    {
        await using var provider = await OidcProvider.StartAsync(hasClaimsInIdTokens: false);
        await using var edge = await StartEdgeAsync(provider, """, "UserInfo": true, "Scopes": [ "openid", "email" ] """);
        using var browser = new ScriptedBrowser(edge.Address);

        await browser.LogInAsync("/account");

        Assert.That(_backend.Headers["x-email"], Is.EqualTo("ada@shop.example"));
        Assert.That(_backend.Headers["x-user"], Is.EqualTo("ada"));
    }

    [Test]
    public async Task ForwardCredentials_BackendGetsTheAccessToken_RenewedOnceForAll()
    {
        await using var provider = await OidcProvider.StartAsync(accessTokenSeconds: 60, refreshes: true);
        await using var edge = await StartEdgeAsync(provider, """, "SaveTokens": true """);
        using var browser = new ScriptedBrowser(edge.Address);
        await browser.LogInAsync("/relay");
        var first = _backend.Headers["Authorization"];
        Assert.That(first, Does.StartWith("Bearer "));
        var old = browser.Cookies[("shop.example", Session)];

        _time.Advance(TimeSpan.FromSeconds(45));
        var tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RelayAsync(edge, old)));

        Assert.That(tokens.Select(static answer => answer.Status), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(tokens.SelectMany(static answer => answer.SetCookies), Has.Exactly(8).Items);
        var second = _backend.Headers["Authorization"];
        Assert.That(second, Does.StartWith("Bearer ").And.Not.EqualTo(first));
        Assert.That((await RelayAsync(edge, old)).Status, Is.EqualTo(HttpStatusCode.OK), "a request that was on its way with the old cookie");
        Assert.That(_backend.Headers["Authorization"], Is.EqualTo(second), "the provider would have ended the session at a second use");

        Assert.That((await browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_backend.Headers, Does.Not.ContainKey("Authorization"), "only where a rule says so");
    }

    [Test]
    public async Task AccessToken_CannotBeRenewed_UserLogsInAgain()
    {
        await using var provider = await OidcProvider.StartAsync(accessTokenSeconds: 60);
        await using var edge = await StartEdgeAsync(provider, """, "SaveTokens": true """);
        using var browser = new ScriptedBrowser(edge.Address);
        await browser.LogInAsync("/relay");
        var asked = _backend.Requests;
        _time.Advance(TimeSpan.FromSeconds(45));

        Assert.That((await browser.OpenAsync("/relay")).Status, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That((await browser.OpenAsync("/relay", ("X-Requested-With", "XMLHttpRequest"))).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(_backend.Requests, Is.EqualTo(asked));
    }

    [Test]
    public async Task AccessToken_ProviderIsGone_IsUnavailable()
    {
        var provider = await OidcProvider.StartAsync(accessTokenSeconds: 60, refreshes: true);
        await using var edge = await StartEdgeAsync(provider, """, "SaveTokens": true """);
        using var browser = new ScriptedBrowser(edge.Address);
        await browser.LogInAsync("/relay");
        await provider.DisposeAsync();
        _time.Advance(TimeSpan.FromSeconds(45));

        var answer = await browser.OpenAsync("/relay");

        Assert.That((answer.Status, answer.Body.Contains("login-unavailable", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)));
        Assert.That((await browser.OpenAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task ForwardToken_OfASession_IsSignedOnceForManyRequests()
    {
        var file = Path.GetTempFileName();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(file, key.ExportPkcs8PrivateKeyPem());
        await using var edge = await StartEdgeAsync(
            _provider,
            gateway: $$""" "InternalToken": { "Issuer": "https://edge.example", "KeyFiles": [ "{{file}}" ] }, "Auth": { "Accept": [ "Session" ], "ForwardToken": { "Claims": [ "groups", "name" ] } }, """);
        File.Delete(file);
        using var browser = new ScriptedBrowser(edge.Address);
        await browser.LogInAsync("/told");
        var first = _backend.Headers["Authorization"];
        await browser.OpenAsync("/told");

        Assert.That(_backend.Headers["Authorization"], Is.EqualTo(first));
        var token = new JsonWebToken(first["Bearer ".Length..]);
        Assert.That((token.Subject, token.GetPayloadValue<string>("idp"), token.GetPayloadValue<string>("name")), Is.EqualTo(("ada", _provider.Issuer, "ada of the shop")));
        Assert.That(token.GetPayloadValue<string[]>("groups"), Is.EqualTo(new[] { "readers", "buyers" }));
    }

    [Test]
    public async Task Session_IsLargerThanACookie_ComesInPieces()
    {
        await using var provider = await OidcProvider.StartAsync(moreGroups: 150);
        await using var edge = await StartEdgeAsync(provider);
        using var browser = new ScriptedBrowser(edge.Address);

        Assert.That((await browser.LogInAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_backend.Headers["x-groups"], Does.EndWith(",group-149-of-the-shop"));
        Assert.That(_backend.Headers, Does.Not.ContainKey("Cookie"));
        Assert.That(browser.ShopCookies, Is.EquivalentTo(new[] { Session, $"{Session}C1", $"{Session}C2" }));
        await browser.SendAsync(HttpMethod.Post, new Uri($"{ScriptedBrowser.Shop}/mesh/logout"), []);
        Assert.That(browser.ShopCookies, Is.Empty);
    }

    [Test]
    public async Task Session_IsLargerThanAHeader_DoesNotBegin()
    {
        await using var provider = await OidcProvider.StartAsync(moreGroups: 600);
        await using var edge = await StartEdgeAsync(provider);
        using var browser = new ScriptedBrowser(edge.Address);

        var answer = await browser.LogInAsync("/account");

        Assert.That((answer.Status, answer.Body.Contains("login-failed", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.BadRequest, true)));
        Assert.That(browser.ShopCookies, Is.Empty);
    }

    [Test]
    public async Task AuthorizationDocument_AsksForAUser_BrowserIsSentToLogIn()
    {
        await using var edge = await StartEdgeAsync(_provider, mesh: """
            "Server": { "Authorization": { "users": { "Action": "Allow", "Rules": [ { "From": [ { "RequestPrincipals": [ "*" ] } ] } ] } } },
            """);
        using var browser = new ScriptedBrowser(edge.Address);

        Assert.That((await browser.OpenAsync("/rest", ("X-Requested-With", "XMLHttpRequest"))).Body, Does.Contain("login-required"));
        Assert.That((await browser.LogInAsync("/rest")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task LoginPath_OfAHostThatIsNotServed_IsRefused()
    {
        await using var edge = await StartEdgeAsync(_provider, gateway: """ "Hosts": [ "other.example" ], """);
        using var browser = new ScriptedBrowser(edge.Address);

        foreach (var path in new[] { "/mesh/login", "/mesh/login/callback?state=a" })
        {
            Assert.That((await browser.OpenAsync(path)).Status, Is.EqualTo(HttpStatusCode.MisdirectedRequest));
        }
    }

    [Test]
    public async Task TabsThatAllWantToLogIn_DoNotFillTheHeader()
    {
        for (var i = 0; i < 40; i++)
        {
            Assert.That((await _browser.OpenAsync($"/account/{i}")).Status, Is.EqualTo(HttpStatusCode.Redirect));
        }

        Assert.That(_browser.ShopCookies.Count(), Is.LessThan(30));
    }

    private static async Task<(HttpStatusCode Status, string[] SetCookies)> RelayAsync(Edge edge, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/relay");
        request.Headers.Host = "shop.example";
        request.Headers.TryAddWithoutValidation("Cookie", $"{Session}={session}");
        using var response = await edge.Client.SendAsync(request);
        return (response.StatusCode, response.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : []);
    }

    private Task<Edge> StartEdgeAsync(OidcProvider provider, string more = "", string gateway = "", string mesh = "") => Edge.StartWithAsync(
        builder =>
        {
            builder.AddMeshLogin();
            builder.Services.AddSingleton<TimeProvider>(_time);
            builder.Services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        },
        Routes,
        $$""" {{gateway}} "Login": { {{provider.Settings}}, "PublicOrigin": "{{ScriptedBrowser.Shop}}", "AfterLogout": "/bye", "TrustedOrigins": [ "https://app.shop.example" ] {{more}} }, """,
        mesh,
        ("orders", _backend.Address));
}
