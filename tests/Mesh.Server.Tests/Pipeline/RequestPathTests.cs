using CsCheck;
using Mesh.Paths;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Server.Tests.Pipeline;

internal sealed class RequestPathTests
{
    [TestCase("/orders/1", "/orders/1", "/orders/1")]
    [TestCase("/orders?x=/../y", "/orders", "/orders")]
    [TestCase("/%6Frders", "/orders", "/orders")]
    [TestCase("//orders///1", "/orders/1", "/orders/1")]
    [TestCase("/a\\..\\orders", "/orders", "/orders")]
    [TestCase("/a/%2e%2e/orders", "/orders", "/orders")]
    [TestCase("/a%3Bb%2Cc", "/a;b,c", "/a;b,c")]
    [TestCase("/%3b%3B", "/;;", "/;;")]
    [TestCase("/caf%c3%a9", "/caf%C3%A9", "/café")]
    [TestCase("/100%25", "/100%25", "/100%")]
    [TestCase("/%2541", "/%2541", "/%41")]
    [TestCase("/a%20b", "/a%20b", "/a b")]
    [TestCase("https://orders/a", "/a", "/a")]
    [TestCase("HTTP://orders:80/a?b", "/a", "/a")]
    [TestCase("http://orders", "/", "/")]
    [TestCase("http://orders?x", "/", "/")]
    [TestCase("http://orders\\a", "/a", "/a")]
    public void TryApply_Target_GivesOnePathToRulesAndRouting(string target, string expected, string routed)
    {
        var http = Context(target);

        Assert.That(RequestPath.TryApply(http, PathRules.None, out var path, out _, out _), Is.True);
        Assert.That((path, http.Request.Path.Value), Is.EqualTo((expected, routed)));
    }

    [TestCase("/a%2fb;c/%41", "/a%2Fb;c/A", "/a%2Fb;c/A")]
    [TestCase("/a%2F%20%3B", "/a%2F%20;", "/a%2F ;")]
    [TestCase("/a%252F%2F", "/a%252F%2F", "/a%2F%2F")]
    public void TryApply_KeptSlash_IsNoSeparator(string target, string expected, string routed)
    {
        var http = Context(target);

        Assert.That(RequestPath.TryApply(http, PathRules.KeepEncodedSlashes, out var path, out _, out _), Is.True);
        Assert.That((path, http.Request.Path.Value), Is.EqualTo((expected, routed)));
    }

    [TestCase("/a%3Bb/%2541?x", "/a%3Bb/%2541")]
    [TestCase("/a/b", "/a/b")]
    public void TryApply_EscapedDelimiters_StayInWhatIsSentOn(string target, string expected)
    {
        RequestPath.TryApply(Context(target), PathRules.None, out _, out var escaped, out _);

        Assert.That(escaped, Is.EqualTo(expected));
    }

    [TestCase("/a%2Fb")]
    [TestCase("/a%5cb")]
    [TestCase("/a%00")]
    [TestCase("/a%zz")]
    [TestCase("/a%2")]
    [TestCase("/a/..;x/b")]
    [TestCase("/%c0%ae%c0%ae/b")]
    [TestCase("*")]
    [TestCase("orders:443")]
    [TestCase("ftp://orders/a")]
    [TestCase("/a b")]
    public void TryApply_AmbiguousTarget_IsRefused(string target) =>
        Assert.That(RequestPath.TryApply(Context(target), PathRules.None, out _, out _, out var error), Is.False, error);

    [Test]
    public void TryApply_AnyTarget_RuleAndRoutingReadTheSame() =>
        Gen.Char["/.%25;2eEfFcC\\aA!~ "].Array[0, 30].Select(static characters => $"/{new string(characters)}").Sample(static target =>
        {
            var http = Context(target);
            return !RequestPath.TryApply(http, PathRules.None, out var path, out _, out _) || http.Request.Path.Value == Uri.UnescapeDataString(path);
        });

    private static DefaultHttpContext Context(string target)
    {
        var http = new DefaultHttpContext();
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        http.Request.Path = "/what-the-server-made-of-it";
        return http;
    }
}
