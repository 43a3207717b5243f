using CsCheck;
using Mesh.Gateway.Login;

namespace Mesh.Gateway.Tests.Login;

/// <summary>Where a browser may be sent.</summary>
public sealed class ReturnUrlTests
{
    [TestCase("/")]
    [TestCase("/orders?page=2&next=//evil.example")]
    [TestCase("/a//b")]
    [TestCase("/%2F%2Fevil.example")]
    public void IsLocal_PathOfThisGateway_IsTrue(string url) => Assert.That(ReturnUrl.IsLocal(url), Is.True);

    [TestCase(null)]
    [TestCase("")]
    [TestCase("orders")]
    [TestCase("//evil.example")]
    [TestCase("/\\evil.example")]
    [TestCase("\\/evil.example")]
    [TestCase("/\t/evil.example")]
    [TestCase("\n//evil.example")]
    [TestCase("/a\r\nSet-Cookie: a=b")]
    [TestCase("https://evil.example")]
    [TestCase("https:/evil.example")]
    [TestCase("javascript:alert(1)")]
    [TestCase("/a\\b")]
    [TestCase("/ä")]
    public void IsLocal_AnythingElse_IsFalse(string? url) => Assert.That(ReturnUrl.IsLocal(url), Is.False);

    [Test]
    public void IsLocal_WhateverItTakes_StaysOnThisHost() =>
        Gen.Char["/\\:@.a?#%\t\n ;&[]"].Array[0, 12].Select(static letters => new string(letters)).Sample(static url =>
        {
            if (ReturnUrl.IsLocal(url))
            {
                Assert.That(new Uri(new Uri("https://shop.example/a/b"), url).Host, Is.EqualTo("shop.example"), url);
            }
        });
}
