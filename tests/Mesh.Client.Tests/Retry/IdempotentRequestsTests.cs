using Mesh.Client.Retry;
using Mesh.Configuration;

namespace Mesh.Client.Tests.Retry;

public sealed class IdempotentRequestsTests
{
    [TestCase("/search", "POST", "/search?q=1", true)]
    [TestCase("/search", "POST", "/search/more", false)]
    [TestCase("/search", "POST", "/Search", false)]
    [TestCase("/shop.Orders/*", "POST", "/shop.Orders/Get", true)]
    [TestCase("/shop.Orders/*", "POST", "/shop.OrdersX/Get", false)]
    [TestCase("POST /search", "POST", "/search", true)]
    [TestCase("post /search", "POST", "/search", true)]
    [TestCase("PATCH /search", "POST", "/search", false)]
    [TestCase("/search", "POST", "/other?/search", false)]
    public void Contains_Request_IsByMethodAndPath(string pattern, string method, string path, bool expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"https://orders{path}");

        Assert.That(IdempotentRequests.Parse([pattern])!.Contains(request), Is.EqualTo(expected));
    }

    [TestCase("search")]
    [TestCase("")]
    [TestCase(" /search")]
    [TestCase("POST search")]
    [TestCase("/a/*/b")]
    [TestCase("POST /a b")]
    public void Validate_WhatIsNoPattern_SaysWhere(string pattern)
    {
        var errors = new ConfigurationErrors();

        IdempotentRequests.Validate([pattern], "Retry:Idempotent", errors);

        Assert.That(errors.All.Single(), Does.StartWith($"Retry:Idempotent:0: found '{pattern}', allowed is a path"));
    }
}
