namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>Frames somebody sends, and what must come of them.</summary>
/// <param name="Name">What is wrong with them.</param>
/// <param name="Frames">The frames, for the scheme of the connection.</param>
/// <param name="Expected">
/// The outcomes of the streams in their order, with a comma between: a status, <c>200/x</c> with the target that arrives at the service,
/// <c>reset 1</c> with the code of the stream's end. Last, where the connection ends, <c>away 1</c> with the code of that.
/// </param>
/// <param name="Upstream">Further demands on the first request that arrives: <c>Name: value</c>, or <c>Name</c> for a field that must not.</param>
internal sealed record Http2Case(string Name, Func<string, byte[]> Frames, string Expected, params string[] Upstream)
{
    public static Http2Case Get(string name, string path, string expected) =>
        new(name, scheme => Http2Frames.Headers(1, true, Head("GET", scheme, path)), expected);

    /// <summary>A sound request for <c>/x</c> and more fields.</summary>
    public static Http2Case WithFields(string name, string expected, (string Name, string Value)[] fields, params string[] upstream) =>
        new(name, scheme => Http2Frames.Headers(1, true, [.. Head("GET", scheme, "/x"), .. fields]), expected, upstream);

    /// <summary>A header block of these fields and no others; the scheme is put where <c>:scheme</c> has no value.</summary>
    public static Http2Case WithBlock(string name, string expected, params (string Name, string? Value)[] fields) =>
        new(name, scheme => Http2Frames.Headers(1, true, [.. fields.Select(field => (field.Name, field.Value ?? scheme))]), expected);

    /// <summary>A sound request for <c>/x</c>, whose body are these frames.</summary>
    public static Http2Case Post(string name, string expected, (string Name, string Value)[] fields, params byte[][] body) =>
        new(name, scheme => [.. Http2Frames.Headers(1, false, [.. Head("POST", scheme, "/x"), .. fields]), .. body.SelectMany(static frame => frame)], expected);

    /// <summary>Frames behind the greeting.</summary>
    public static Http2Case Raw(string name, string expected, params byte[][] frames) =>
        new(name, _ => [.. frames.SelectMany(static frame => frame)], expected);

    /// <summary>Frames behind a request for <c>/x</c> whose body is still open.</summary>
    public static Http2Case Behind(string name, string expected, params byte[][] frames) => Post(name, expected, [], frames);

    public static (string Name, string Value)[] Head(string method, string scheme, string path) =>
        [(":method", method), (":scheme", scheme), (":path", path), (":authority", "shop.example")];
}
