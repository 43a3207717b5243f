using System.Text;
using System.Text.Encodings.Web;
using Mesh.Server.Problems;

namespace Mesh.Gateway.Pages;

/// <summary>A page with places for what a refusal says. Immutable.</summary>
internal sealed class PageTemplate
{
    private static readonly string[] Places = ["{{status}}", "{{title}}", "{{detail}}", "{{reason}}", "{{traceId}}"];

    // Text and the number of the place behind it, which for the last text is none.
    private readonly (string Text, int Place)[] _parts;

    public PageTemplate(string text)
    {
        List<(string, int)> parts = [];
        var start = 0;
        while (FindPlace(text, start) is { Place: >= 0 } found)
        {
            parts.Add((text[start..found.Index], found.Place));
            start = found.Index + Places[found.Place].Length;
        }

        parts.Add((text[start..], -1));
        _parts = [.. parts];
    }

    /// <summary>Fills the places in; everything is encoded, so that nothing in it is markup.</summary>
    public byte[] Render(MeshProblem problem, string traceId)
    {
        var page = new StringBuilder();
        foreach (var (text, place) in _parts)
        {
            page.Append(text);
            if (place >= 0)
            {
                page.Append(HtmlEncoder.Default.Encode(place switch
                {
                    0 => problem.Status.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    1 => problem.Title,
                    2 => problem.Detail ?? "",
                    3 => problem.Reason,
                    _ => traceId,
                }));
            }
        }

        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static (int Index, int Place) FindPlace(string text, int start)
    {
        var first = (Index: int.MaxValue, Place: -1);
        for (var place = 0; place < Places.Length; place++)
        {
            var index = text.IndexOf(Places[place], start, StringComparison.OrdinalIgnoreCase);
            if (index >= 0 && index < first.Index)
            {
                first = (index, place);
            }
        }

        return first;
    }
}
