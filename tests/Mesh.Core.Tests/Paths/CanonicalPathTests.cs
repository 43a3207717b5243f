using CsCheck;
using Mesh.Paths;

namespace Mesh.Core.Tests.Paths;

public sealed class CanonicalPathTests
{
    [TestCase("/", "/")]
    [TestCase("/a/b", "/a/b")]
    [TestCase("/a/b/", "/a/b/")]
    [TestCase("/a.b/.c/..d/e..", "/a.b/.c/..d/e..")]
    [TestCase("/a%20b", "/a%20b")]
    [TestCase("/%7Euser/%41%2d%2E%5f", "/~user/A-._")]
    [TestCase("/%c3%a4", "/%C3%A4")]
    [TestCase("/%E4%BD", "/%E4%BD")]
    [TestCase("/a;v=1,2/b:c@d!$&'()*+=", "/a;v=1,2/b:c@d!$&'()*+=")]
    [TestCase("/a|b^c\"<>[]{}`", "/a%7Cb%5Ec%22%3C%3E%5B%5D%7B%7D%60")]
    [TestCase("/a%252e%252fb", "/a%252e%252fb")]
    [TestCase("/%25", "/%25")]
    [TestCase("//a", "/a")]
    [TestCase("/a//b///c//", "/a/b/c/")]
    [TestCase("/.", "/")]
    [TestCase("/..", "/")]
    [TestCase("/../a", "/a")]
    [TestCase("/a/.", "/a/")]
    [TestCase("/a/./b", "/a/b")]
    [TestCase("/a/..", "/")]
    [TestCase("/a/../b", "/b")]
    [TestCase("/a/b/..", "/a/")]
    [TestCase("/a/b/../", "/a/")]
    [TestCase("/a/b/../../../c", "/c")]
    [TestCase("/a//../b", "/b")]
    [TestCase("/a/%2e%2E/b", "/b")]
    [TestCase("/a/.%2e/b", "/b")]
    [TestCase("/a/%2e/b", "/a/b")]
    [TestCase("/a\\b", "/a/b")]
    [TestCase("\\a", "/a")]
    [TestCase("/\\evil.example", "/evil.example")]
    [TestCase("/a\\..\\b", "/b")]
    [TestCase("/...", "/...")]
    [TestCase("/a./b", "/a./b")]
    [TestCase("/a;x/..", "/")]
    public void TryCreate_Path_IsCanonical(string target, string expected)
    {
        Assert.That(CanonicalPath.TryCreate(target, out var path, out var queryStart, out var error), Is.True, error);
        Assert.Multiple(() =>
        {
            Assert.That(path, Is.EqualTo(expected));
            Assert.That(queryStart, Is.EqualTo(target.Length));
        });
    }

    [TestCase("", "does not begin with a slash")]
    [TestCase("*", "does not begin with a slash")]
    [TestCase("a/b", "does not begin with a slash")]
    [TestCase("http://h/a", "does not begin with a slash")]
    [TestCase("?a", "does not begin with a slash")]
    [TestCase("/a%2Fb", "escaped slash")]
    [TestCase("/a%2fb", "escaped slash")]
    [TestCase("/a%5Cb", "escaped slash or backslash")]
    [TestCase("/a%5cb", "escaped slash or backslash")]
    [TestCase("/..%2fb", "escaped slash")]
    [TestCase("/%00", "control")]
    [TestCase("/%0d%0a", "control")]
    [TestCase("/%7f", "control")]
    [TestCase("/%1B", "control")]
    [TestCase("/%", "percent")]
    [TestCase("/%4", "percent")]
    [TestCase("/%4/", "percent")]
    [TestCase("/%zz", "percent")]
    [TestCase("/%u0041", "percent")]
    [TestCase("/%c0%ae%c0%ae/", "overlong")]
    [TestCase("/%c1%81", "overlong")]
    [TestCase("/%e0%80%ae", "overlong")]
    [TestCase("/%f0%80%80%ae", "overlong")]
    [TestCase("/a/..;/b", "dot segment with a parameter")]
    [TestCase("/a/..;x=1/b", "dot segment with a parameter")]
    [TestCase("/a/%2e%2e;/b", "dot segment with a parameter")]
    [TestCase("/a/.;/b", "dot segment with a parameter")]
    [TestCase("/a b", "space")]
    [TestCase("/a\tb", "control")]
    [TestCase("/a\r\nb", "control")]
    [TestCase("/a\0b", "control")]
    [TestCase("/ä", "outside ASCII")]
    [TestCase("/a?b=ä", "outside ASCII")]
    [TestCase("/a?b c", "space")]
    [TestCase("/a#b", "fragment")]
    [TestCase("/a?b#c", "fragment")]
    public void TryCreate_Refused_SaysWhy(string target, string reason)
    {
        Assert.That(CanonicalPath.TryCreate(target, out var path, out _, out var error), Is.False);
        Assert.Multiple(() =>
        {
            Assert.That(path, Is.Null);
            Assert.That(error, Does.Contain(reason));
        });
    }

    [TestCase("/a?b=c", "/a", "?b=c")]
    [TestCase("/a?", "/a", "?")]
    [TestCase("/a//b?x=/../%2f", "/a/b", "?x=/../%2f")]
    [TestCase("/?a?b", "/", "?a?b")]
    public void TryCreate_Query_IsCutAndLeftAlone(string target, string expected, string query)
    {
        Assert.That(CanonicalPath.TryCreate(target, out var path, out var queryStart, out _), Is.True);
        Assert.Multiple(() =>
        {
            Assert.That(path, Is.EqualTo(expected));
            Assert.That(target[queryStart..], Is.EqualTo(query));
        });
    }

    [TestCase("/a%2fb", PathRules.KeepEncodedSlashes, "/a%2Fb")]
    [TestCase("/a%2Fb%2F", PathRules.KeepEncodedSlashes, "/a%2Fb%2F")]
    [TestCase("/%2F%2F/../x", PathRules.KeepEncodedSlashes, "/x")]
    [TestCase("/a%2F..b", PathRules.KeepEncodedSlashes, "/a%2F..b")]
    [TestCase("/a%252F..", PathRules.KeepEncodedSlashes, "/a%252F..")]
    [TestCase("/a%2f..%2Fb", PathRules.DecodeEncodedSlashes, "/b")]
    [TestCase("/%2F%2fa", PathRules.DecodeEncodedSlashes, "/a")]
    [TestCase("/a%252Fb", PathRules.DecodeEncodedSlashes, "/a%252Fb")]
    [TestCase("/a", PathRules.DecodeEncodedSlashes | PathRules.RefuseEncodedPercent | PathRules.RefuseParameters, "/a")]
    [TestCase("/a%20", PathRules.RefuseEncodedPercent, "/a%20")]
    [TestCase("/a?b;c=%25", PathRules.RefuseEncodedPercent | PathRules.RefuseParameters, "/a")]
    public void TryCreate_WithRules_IsCanonical(string target, PathRules rules, string expected)
    {
        Assert.That(CanonicalPath.TryCreate(target, rules, out var path, out _, out var error), Is.True, error);
        Assert.That(path, Is.EqualTo(expected));
    }

    [TestCase("/a%2F..", PathRules.KeepEncodedSlashes, "dot segment")]
    [TestCase("/..%2fadmin", PathRules.KeepEncodedSlashes, "dot segment")]
    [TestCase("/a%2F..%2Fadmin", PathRules.KeepEncodedSlashes, "dot segment")]
    [TestCase("/a%2F%2e%2E%2Fadmin", PathRules.KeepEncodedSlashes, "dot segment")]
    [TestCase("/a%2F.", PathRules.KeepEncodedSlashes, "dot segment")]
    [TestCase("/a%2F..;x/b", PathRules.KeepEncodedSlashes, "dot segment")]
    [TestCase("/a%5Cb", PathRules.KeepEncodedSlashes, "backslash")]
    [TestCase("/a%5Cb", PathRules.DecodeEncodedSlashes, "backslash")]
    [TestCase("/a%25", PathRules.RefuseEncodedPercent, "percent sign")]
    [TestCase("/a;b", PathRules.RefuseParameters, "parameter")]
    [TestCase("/a%3bb", PathRules.RefuseParameters, "parameter")]
    public void TryCreate_AgainstTheRules_SaysWhy(string target, PathRules rules, string reason)
    {
        Assert.That(CanonicalPath.TryCreate(target, rules, out _, out _, out var error), Is.False);
        Assert.That(error, Does.Contain(reason));
    }

    [Test]
    public void TryCreate_KeptSlashes_DecodedHideNoDots() => LikelyTarget.Select(static target => target.Replace("\\", "%2f", StringComparison.Ordinal)).Sample(
        static target => !CanonicalPath.TryCreate(target, PathRules.KeepEncodedSlashes, out var path, out _, out _)
            || (!path.Split("%2F").SelectMany(static part => part.Split('/')).Any(static part => part is "." or "..")
                && CanonicalPath.TryCreate(path, PathRules.KeepEncodedSlashes, out var again, out _, out _) && ReferenceEquals(again, path)),
        iter: 20_000);

    [Test]
    public void TryCreate_TooLong_IsRefused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(CanonicalPath.TryCreate("/" + new string('a', CanonicalPath.MaxLength - 1), out _, out _, out _), Is.True);
            Assert.That(CanonicalPath.TryCreate("/" + new string('a', CanonicalPath.MaxLength), out _, out _, out var error), Is.False);
            Assert.That(error, Does.Contain("longer than 8192"));
            Assert.That(CanonicalPath.TryCreate("/" + new string('|', CanonicalPath.MaxLength / 2), out _, out _, out error), Is.False, "escaping makes it longer");
            Assert.That(error, Does.Contain("longer than 8192"));
        });
    }

    [TestCase("/orders/1")]
    [TestCase("/orders/a%20b%C3%A4")]
    [TestCase("/orders/.well-known")]
    public void TryCreate_CanonicalAlready_ReturnsTheSameStringAndAllocatesNothing(string target)
    {
        CanonicalPath.TryCreate(target, out var path, out _, out _);
        Assert.That(path, Is.SameAs(target));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            CanonicalPath.TryCreate(target, out _, out _, out _);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    // Text made of the pieces that matter, so that they meet in every combination.
    private static readonly Gen<string> Target = Gen.OneOf(
            Gen.OneOf("/", "\\", ".", "..", "%2e", "%2E", "%2f", "%5c", "%25", "%", "%c3", "%A4", "%e0", "%80", ";", "?", "#", "a", "~", "%7e", "|", " ", "\0", "ä"),
            Gen.Char.Select(static character => character.ToString()))
        .Array[0, 12]
        .Select(static pieces => $"/{string.Concat(pieces)}");

    private static readonly Gen<string> LikelyTarget = Gen.OneOf("/", "/", "\\", ".", "..", "%2e", "%2E", "%25", "%c3", "%A4", ";", "a", "b", "~", "%7e", "|")
        .Array[0, 12]
        .Select(static pieces => $"/{string.Concat(pieces)}");

    [Test]
    public void TryCreate_AnyText_NeverThrowsAndIsIdempotent() => Gen.OneOf(Target, LikelyTarget).Sample(
        static target => !CanonicalPath.TryCreate(target, out var path, out _, out _)
            || (CanonicalPath.TryCreate(path, out var again, out var queryStart, out _) && ReferenceEquals(again, path) && queryStart == path.Length),
        iter: 50_000);

    [Test]
    public void TryCreate_Accepted_HasNoDotSegmentDoubleSlashOrLowerCaseEscape() => LikelyTarget.Sample(
        static target =>
        {
            if (!CanonicalPath.TryCreate(target, out var path, out _, out _))
            {
                return true;
            }

            var segments = path.Split('/');
            return path[0] == '/'
                && !path.Contains('\\', StringComparison.Ordinal)
                && !path.Contains("//", StringComparison.Ordinal)
                && !segments.Contains(".")
                && !segments.Contains("..")
                && !path.Contains("%c3", StringComparison.Ordinal)
                && !path.Contains("%2E", StringComparison.OrdinalIgnoreCase);
        },
        iter: 20_000);
}
