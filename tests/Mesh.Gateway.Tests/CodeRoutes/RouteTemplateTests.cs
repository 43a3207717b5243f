using System.Text.RegularExpressions;
using Mesh.Gateway.CodeRoutes;
using Mesh.Routing;

namespace Mesh.Gateway.Tests.CodeRoutes;

public sealed class RouteTemplateTests
{
    [TestCase("/", PathMatchType.Exact, "/")]
    [TestCase("/orders", PathMatchType.Exact, "/orders")]
    [TestCase("/orders/all", PathMatchType.Exact, "/orders/all")]
    [TestCase("/{**rest}", PathMatchType.PathPrefix, "/")]
    [TestCase("/orders/{**rest}", PathMatchType.PathPrefix, "/orders")]
    [TestCase("/orders/{*rest}", PathMatchType.PathPrefix, "/orders")]
    public void Parse_LiteralsAndCatchAll_AreExactOrPrefix(string template, PathMatchType type, string value)
    {
        var match = RouteTemplate.Parse(template);

        Assert.That((match.Type, match.Value), Is.EqualTo((type, value)));
    }

    [TestCase("/orders/{id}", "/orders/17", true)]
    [TestCase("/orders/{id}", "/orders/17/lines", false)]
    [TestCase("/orders/{id}", "/orders/", false)]
    [TestCase("/orders/{id:int}", "/orders/-17", true)]
    [TestCase("/orders/{id:int}", "/orders/x", false)]
    [TestCase("/o.rders/{id}", "/oxrders/1", false)]
    [TestCase("/flags/{on:bool}/x", "/flags/True/x", true)]
    [TestCase("/flags/{on:bool}/x", "/flags/no/x", false)]
    [TestCase("/c/{id:guid}", "/c/0f8fad5b-d9cb-469f-a165-70867728950e", true)]
    [TestCase("/c/{id:guid}", "/c/0f8fad5b", false)]
    [TestCase("/a/{b}/c/{**rest}", "/a/1/c", true)]
    [TestCase("/a/{b}/c/{**rest}", "/a/1/c/2/3", true)]
    [TestCase("/a/{b}/c/{**rest}", "/a/1/cd", false)]
    public void Parse_Parameters_AreAPatternOfTheWholePath(string template, string path, bool expected)
    {
        var match = RouteTemplate.Parse(template);

        Assert.That(match.Type, Is.EqualTo(PathMatchType.RegularExpression));
        Assert.That(Regex.IsMatch(path, $"^(?:{match.Value})$", RegexOptions.NonBacktracking), Is.EqualTo(expected));
    }

    [TestCase("orders")]
    [TestCase("")]
    [TestCase("/orders/{id?}")]
    [TestCase("/orders/{id=5}")]
    [TestCase("/orders/{id:regex(a)}")]
    [TestCase("/orders/a{id}")]
    [TestCase("/{**rest}/orders")]
    [TestCase("/orders/{id")]
    public void Parse_WhatHasNoEqual_IsRefused(string template) =>
        Assert.That(() => RouteTemplate.Parse(template), Throws.ArgumentException.With.Message.Contains($"'{template}'"));
}
