namespace Mesh.Gateway.Tests.Forwarding;

public sealed class PathFidelityTests
{
    [TestCase("/a%20b/%C3%A4/%25", "/a%20b/%C3%A4/%25")]
    [TestCase("/%E4%BD", "/%E4%BD")]
    [TestCase("/a;v=1/b:c@d!$&'()*+,=", "/a;v=1/b:c@d!$&'()*+,=")]
    [TestCase("/a%3Bb%2Cc%2Bd", "/a%3Bb%2Cc%2Bd")]
    [TestCase("/a%252Fb", "/a%252Fb")]
    [TestCase("/q?a=%2f%7e&b=|{}&c=/../x//y&d", "/q?a=%2f%7e&b=|{}&c=/../x//y&d")]
    [TestCase("/q?", "/q?")]
    [TestCase("/a//b/./c/../d", "/a/b/d")]
    [TestCase("/%61/%2e%2e/b", "/b")]
    [TestCase("/a\\b", "/a/b")]
    [TestCase("http://shop.example/absolute/%7euser?x", "/absolute/~user?x")]
    [TestCase("//evil.example/x", "/evil.example/x")]
    public async Task Request_Path_ArrivesInCanonicalFormAndTheQueryAsItWas(string sent, string seen)
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        var answer = await edge.GetRawAsync(sent);
        Assert.That(answer, Does.StartWith("HTTP/1.1 200"));
        Assert.That(backend.Target, Is.EqualTo(seen));
    }

    [TestCase("Keep", "/a%2Fb%2fc/%2541?x=%2f", "200", "/a%2Fb%2Fc/%2541?x=%2f")]
    [TestCase("Keep", "/secret%2Fa", "200", "/secret%2Fa")]
    [TestCase("Keep", "/a%2F..%2Fsecret/a", "400", null)]
    [TestCase("Keep", "/a/%2e%2e%2fsecret/a", "400", null)]
    [TestCase("Keep", "/a%5Cb", "400", null)]
    [TestCase("Decode", "/a%2Fb%2f%2Fc", "200", "/a/b/c")]
    [TestCase("Decode", "/a%2F..%2Fsecret/a", "403", null)]
    [TestCase("Decode", "/secret%2fa", "403", null)]
    [TestCase("Refuse", "/a%2Fb", "400", null)]
    public async Task Request_EncodedSlash_IsOneThingForRulesRoutesAndTheService(string slashes, string sent, string status, string? seen)
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartWithMembersAsync(
            Edge.Everything("orders"),
            "",
            $$"""
            "Server": {
              "Paths": { "EncodedSlashes": "{{slashes}}" },
              "Authorization": { "secret": { "Action": "Deny", "Rules": [ { "To": [ { "Paths": [ "/secret/*" ] } ] } ] } }
            },
            """,
            ("orders", backend.Address));
        var answer = await edge.GetRawAsync(sent);
        Assert.That(answer, Does.StartWith($"HTTP/1.1 {status}"));
        Assert.That(backend.Target, Is.EqualTo(seen));
    }

    [TestCase("/a%2541", "AllowEncodedPercent")]
    [TestCase("/a;x", "AllowParameters")]
    [TestCase("/a%3bx", "AllowParameters")]
    public async Task Request_WhatThePathsMayNotHave_IsRefused(string sent, string rule)
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartWithMembersAsync(
            Edge.Everything("orders"), "", $$""" "Server": { "Paths": { "{{rule}}": false } }, """, ("orders", backend.Address));
        Assert.That(await edge.GetRawAsync(sent), Does.StartWith("HTTP/1.1 400"));
        Assert.That(await edge.GetRawAsync("/a%20"), Does.StartWith("HTTP/1.1 200"));
        Assert.That(backend.Requests, Is.EqualTo(1));
    }

    [TestCase("/a%2Fb")]
    [TestCase("/a%5cb")]
    [TestCase("/%00")]
    [TestCase("/%zz")]
    [TestCase("/a/..;/b")]
    [TestCase("/%c0%ae%c0%ae/x")]
    [TestCase("*")]
    public async Task Request_AmbiguousPath_IsRefusedWithAProblem(string sent)
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        var method = sent == "*" ? "OPTIONS" : "GET";
        var answer = await edge.SendRawAsync($"{method} {sent} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith("HTTP/1.1 400"));
        Assert.That(backend.Requests, Is.Zero);
    }
}
