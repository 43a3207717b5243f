using Mesh.Gateway.Pages;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Pages;

public sealed class PagePreferenceTests
{
    [TestCase("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", true)]
    [TestCase("text/html", true)]
    [TestCase("TEXT/HTML; charset=utf-8", true)]
    [TestCase("text/html;q=0.5, application/json;q=0.4", true)]
    [TestCase("text/html;q=0.4, application/json;q=0.5", false)]
    [TestCase("text/html, application/json", false)]
    [TestCase("text/html, application/problem+json", false)]
    [TestCase("text/html, application/*;q=0.9", true)]
    [TestCase("text/html;q=0, */*", false)]
    [TestCase("text/html;q=0", false)]
    [TestCase("*/*", false)]
    [TestCase("text/*", false)]
    [TestCase("application/json", false)]
    [TestCase("application/html", false)]
    [TestCase("<text/html>", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void IsForHtml_Accept_IsForHtmlWhereThatIsWantedMore(string? accept, bool expected)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = accept;
        Assert.That(PagePreference.IsForHtml(request), Is.EqualTo(expected));
    }

    [TestCase("Sec-Fetch-Mode", "navigate", true)]
    [TestCase("Sec-Fetch-Mode", "cors", false)]
    [TestCase("Sec-Fetch-Dest", "document", true)]
    [TestCase("Sec-Fetch-Dest", "iframe", false)]
    [TestCase("X-Requested-With", "XMLHttpRequest", false)]
    public void IsForHtml_Script_GetsJson(string field, string value, bool expected)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = "text/html";
        request.Headers[field] = value;
        Assert.That(PagePreference.IsForHtml(request), Is.EqualTo(expected));
    }

    [Test]
    public void IsForHtml_AcceptTooLong_IsNotEvenRead()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = $"text/html{new string(' ', 2000)}";
        Assert.That(PagePreference.IsForHtml(request), Is.False);
    }
}
