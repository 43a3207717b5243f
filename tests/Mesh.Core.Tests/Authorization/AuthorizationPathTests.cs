using Mesh.Authorization;

namespace Mesh.Core.Tests.Authorization;

/// <summary>Paths: exact where a match lets a request pass, as ASP.NET Core routes them where it refuses.</summary>
public sealed class AuthorizationPathTests
{
    // value, path, whether it matches when that grants, and when that refuses
    [TestCase("/orders", "/orders", true, true)]
    [TestCase("/orders", "/orders/", false, true)]
    [TestCase("/orders/", "/orders", false, true)]
    [TestCase("/orders/", "/orders/", true, true)]
    [TestCase("/orders", "/Orders", false, true)]
    [TestCase("/orders", "/orders/1", false, false)]
    [TestCase("/", "/", true, true)]
    [TestCase("/", "/a", false, false)]
    [TestCase("/orders*", "/orders", true, true)]
    [TestCase("/orders*", "/ordersets/1", true, true)]
    [TestCase("/orders*", "/ORDERS/1", false, true)]
    [TestCase("/orders/*", "/orders", false, true)]
    [TestCase("/orders/*", "/orders/", true, true)]
    [TestCase("/orders/*", "/ordersets", false, false)]
    [TestCase("/orders/*", "/orders/1/items", true, true)]
    [TestCase("/*", "/", true, true)]
    [TestCase("*/items", "/orders/1/items", true, true)]
    [TestCase("*/items", "/orders/1/items/", false, true)]
    [TestCase("*/items/", "/orders/1/items", false, true)]
    [TestCase("*.json", "/a.JSON", false, true)]
    [TestCase("*", "/anything", true, true)]
    [TestCase("*", "", false, false)]
    [TestCase("/foo/{*}", "/foo/bar", true, true)]
    [TestCase("/foo/{*}", "/foo/bar/", false, true)]
    [TestCase("/foo/{*}", "/foo/bar/baz", false, false)]
    [TestCase("/foo/{*}", "/foo/", false, false)]
    [TestCase("/foo/{*}", "/foo", false, false)]
    [TestCase("/foo/{*}/bar", "/foo/x/bar", true, true)]
    [TestCase("/foo/{*}/bar", "/foo/x/BAR", false, true)]
    [TestCase("/foo/{*}/bar", "/foo/x/y/bar", false, false)]
    [TestCase("/{*}/{*}", "/a/b", true, true)]
    [TestCase("/{*}/{*}", "/a", false, false)]
    [TestCase("/foo/{**}", "/foo/bar", true, true)]
    [TestCase("/foo/{**}", "/foo/bar/baz.txt", true, true)]
    [TestCase("/foo/{**}", "/foo/", true, true)]
    [TestCase("/foo/{**}", "/foo", false, true)]
    [TestCase("/foo/{**}", "/food/bar", false, false)]
    [TestCase("/foo/{**}/", "/foo/bar/", true, true)]
    [TestCase("/foo/{**}/", "/foo/bar", false, true)]
    [TestCase("/foo/{*}/bar/{**}", "/foo/buzz/bar/baz", true, true)]
    [TestCase("/foo/{*}/bar/{**}", "/foo/buzz/bar/", true, true)]
    [TestCase("/foo/{*}/bar/{**}", "/foo/buzz/bar", false, true)]
    [TestCase("/foo/{**}/bar", "/foo/a/b/bar", true, true)]
    [TestCase("/foo/{**}/bar", "/foo/a/b/baz", false, false)]
    [TestCase("/foo/{**}/bar", "/foo/bar", false, false)]
    public void Evaluate_ByPath_IsExactToGrantAndCautiousToRefuse(string value, string path, bool grants, bool refuses)
    {
        Assert.That(IsAllowed("Allow", "Paths", value, path), Is.EqualTo(grants), "Paths that allow");
        Assert.That(IsAllowed("Allow", "NotPaths", value, path), Is.EqualTo(!refuses), "NotPaths that allow");
        Assert.That(IsAllowed("Deny", "Paths", value, path), Is.EqualTo(!refuses), "Paths that deny");
        Assert.That(IsAllowed("Deny", "NotPaths", value, path), Is.EqualTo(grants), "NotPaths that deny");
    }

    private static bool IsAllowed(string action, string field, string value, string path) => Policies
        .Compile($$"""{ "p": { "Action": "{{action}}", "Rules": [ { "To": [ { "{{field}}": [ "{{value}}" ] } ] } ] } }""")
        .Evaluate(Policies.Request(path: path))
        .Allowed;
}
