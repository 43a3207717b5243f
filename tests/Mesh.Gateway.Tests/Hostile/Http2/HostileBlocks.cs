using static Mesh.Gateway.Tests.Hostile.Http2.Http2Case;
using static Mesh.Gateway.Tests.Hostile.Http2.Http2Frames;

namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>Compression turned against who undoes it, and more fields than anybody needs: RFC 7541.</summary>
internal static class HostileBlocks
{
    public static IEnumerable<Http2Case> All =>
    [
        Block("index 0", "away 2", [0x80]),
        Block("index above the table", "away 9", [0xff, 0x40]),
        Block("index without an end", "away 9", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        Block("name with an index above the table", "away 9", [0x7f, 0x40, 1, (byte)'a']),
        Block("table above what was agreed", "away 9", Integer(0x20, 5, 65_536)),
        Block("change of the table behind a field", "away 9", [.. Fields(("x-a", "1")), 0x20]),
        Block("text longer than the block", "away 9", [0, 1, (byte)'a', 100, (byte)'b']),
        Block("text of 2 GB announced", "away 9", [0, 1, (byte)'a', 0x7f, 0x80, 0xff, 0xff, 0xff, 0x07]),
        Block("Huffman code cut off", "away 9", [0, 1, (byte)'a', 0x81, 0x00]),
        Block("Huffman code of the end", "away 9", [0, 1, (byte)'a', 0x84, 0xff, 0xff, 0xff, 0xff]),
        new("change of the table in front", static scheme => Http2Frames.Block(1, true, [0x20, .. Fields(Head("GET", scheme, "/x"))]), "200/x"),
        new("many changes of the table in front", static scheme => Http2Frames.Block(1, true, [.. Enumerable.Repeat((byte)0x20, 1000), .. Fields(Head("GET", scheme, "/x"))]), "200/x"),
        Block("one large field a thousand times", "away 1", [.. Kept("x-bomb", new string('a', 4000)), .. Enumerable.Repeat((byte)0xbe, 1000)]),
        Block("one small field ten thousand times", "away 1", [.. Kept("a", ""), .. Enumerable.Repeat((byte)0xbe, 10_000)]),
        WithFields("94 fields", "200/x", [.. Enumerable.Range(0, 90).Select(static i => ($"x-{i}", "1"))]),
        WithFields("150 fields", "431", [.. Enumerable.Range(0, 150).Select(static i => ($"x-{i}", "1"))]),
        new("40 KB of fields", static scheme => Continued(scheme, 40), "431"),
        new("1 MB of fields", static scheme => Continued(scheme, 1000), "away 1"),
        new("500 empty CONTINUATIONs", static scheme => [.. Frame(1, EndStream, 1, Fields(Head("GET", scheme, "/x"))), .. Enumerable.Repeat(Continuation(1, false, []), 500).SelectMany(static frame => frame), .. Continuation(1, true, [])], "200/x"),
        WithFields("never to be kept", "200/x", [("authorization", "Bearer x")]),
    ];

    /// <summary>A sound request, and this behind it in its header block.</summary>
    private static Http2Case Block(string name, string expected, byte[] more) =>
        new(name, scheme => Http2Frames.Block(1, true, [.. Fields(Head("GET", scheme, "/x")), .. more]), expected);

    private static byte[] Continued(string scheme, int kilobytes) =>
    [
        .. Frame(1, EndStream, 1, Fields(Head("GET", scheme, "/x"))),
        .. Enumerable.Range(0, kilobytes).SelectMany(static i => Continuation(1, false, Fields(($"x-{i % 10}", new string('a', 1000))))),
        .. Continuation(1, true, []),
    ];
}
