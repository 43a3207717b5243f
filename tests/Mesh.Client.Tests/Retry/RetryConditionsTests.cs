using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Retry;
using Mesh.Configuration;

namespace Mesh.Client.Tests.Retry;

public sealed class RetryConditionsTests
{
    [TestCase("503", new[] { 503 })]
    [TestCase("502-503", new[] { 502, 503 })]
    [TestCase("gateway-error", new[] { 502, 503, 504 })]
    [TestCase("retriable-4xx", new[] { 409 })]
    [TestCase("reset", new int[0])]
    public void Match_Statuses_AreThoseNamed(string condition, int[] expected)
    {
        var conditions = RetryConditionParser.Parse([condition])!;

        var matched = Enumerable.Range(100, 900).Where(status => conditions.Match(Answer(status))).ToArray();

        Assert.That(matched, Is.EqualTo(expected));
    }

    [TestCase("5xx")]
    [TestCase("500-599")]
    public void Match_WholeClass_IsThatClass(string condition)
    {
        var conditions = RetryConditionParser.Parse([condition])!;

        Assert.That(Enumerable.Range(100, 900).Where(status => conditions.Match(Answer(status))), Is.EqualTo(Enumerable.Range(500, 100)));
    }

    [TestCase("timeout", true, false)]
    [TestCase("reset", false, true)]
    [TestCase("503", false, false)]
    public void Match_Exceptions_AreToldApart(string condition, bool timeout, bool reset)
    {
        var conditions = RetryConditionParser.Parse([condition])!;

        Assert.That(conditions.Match(new TaskCanceledException()), Is.EqualTo(timeout));
        Assert.That(conditions.Match(new HttpRequestException(HttpRequestError.ResponseEnded)), Is.EqualTo(reset));
    }

    [TestCase("unavailable", "14", true)]
    [TestCase("Unavailable", "14", true)]
    [TestCase("unavailable", "13", false)]
    [TestCase("cancelled", "1", true)]
    [TestCase("unauthenticated", "16", true)]
    [TestCase("unavailable", "-14", false)]
    [TestCase("unavailable", "46", false)] // 14 + 32: would be the same bit
    [TestCase("unavailable", "x", false)]
    public void Match_GrpcStatus_IsByName(string condition, string status, bool expected)
    {
        var answer = Answer(200);
        answer.Headers.TryAddWithoutValidation("grpc-status", status);

        Assert.That(RetryConditionParser.Parse([condition])!.Match(answer), Is.EqualTo(expected));
    }

    [TestCase("header:x-retry", "no", true)]
    [TestCase("header:X-Retry=Yes", "yes", true)]
    [TestCase("header:x-retry=yes", "no", false)]
    [TestCase("header:x-other", "yes", false)]
    public void Match_Header_ByNameOrValue(string condition, string value, bool expected)
    {
        var answer = Answer(200);
        answer.Headers.Add("x-retry", value);

        Assert.That(RetryConditionParser.Parse([condition])!.Match(answer), Is.EqualTo(expected));
    }

    [TestCase("""{"type":"https://shop.example/busy"}""", true)]
    [TestCase("""{"title":"x","detail":{"type":"no"},"type":"https://shop.example/busy","more":""", true)]
    [TestCase("""{"detail":{"type":"https://shop.example/busy"}}""", false)]
    [TestCase("""{"type":"https://shop.example/other"}""", false)]
    [TestCase("""{"type":7}""", false)]
    [TestCase("""{"type":""", false)]
    [TestCase("""<html>""", false)]
    [TestCase("""[{"type":"https://shop.example/busy"}]""", false)]
    [TestCase("", false)]
    public void Match_ProblemType_IsAMemberOfTheDocument(string document, bool expected)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(document);
        var answer = Answer(400);
        answer.Content = new PeekedContent(new ByteArrayContent(bytes), new MemoryStream(), bytes, Task.FromResult(bytes.Length));

        Assert.That(RetryConditionParser.Parse(["problem:https://shop.example/busy"])!.Match(answer), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("99")]
    [TestCase("600")]
    [TestCase("6xx")]
    [TestCase("503-502")]
    [TestCase("5-503")]
    [TestCase("500-")]
    [TestCase("-503")]
    [TestCase("ok")]
    [TestCase("header:")]
    [TestCase("header:=x")]
    [TestCase("header:a b")]
    [TestCase("problem:")]
    [TestCase("sometimes")]
    public void Validate_WhatIsNoCondition_SaysWhere(string condition)
    {
        var errors = new ConfigurationErrors();

        RetryConditionParser.Validate(["503", condition], "Retry:On", errors);

        Assert.That(errors.All.Single(), Does.StartWith($"Retry:On:1: found '{condition}', allowed is a status"));
    }

    private static HttpResponseMessage Answer(int status) => new((HttpStatusCode)status);
}
