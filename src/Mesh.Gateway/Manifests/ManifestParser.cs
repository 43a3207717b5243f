using System.Text;
using Mesh.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mesh.Gateway.Manifests;

/// <summary>Reads the documents of a file.</summary>
internal static class ManifestParser
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The documents, as far as the file can be read; those without content are left out.</summary>
    public static List<ManifestDocument> Parse(ManifestFile file, ConfigurationErrors errors)
    {
        List<ManifestDocument> documents = [];
        var number = 0;
        try
        {
            var parser = new Parser(new StringReader(Utf8.GetString(file.Content).TrimStart('\uFEFF')));
            parser.Consume<StreamStart>();
            while (parser.TryConsume<DocumentStart>(out _))
            {
                number++;
                var values = new ManifestValueReader(parser).Read();
                parser.Consume<DocumentEnd>();
                if (values is not [{ Path: "", Text: null }])
                {
                    documents.Add(new ManifestDocument(file.Name, number, values));
                }
            }
        }
        catch (ManifestSyntaxException exception)
        {
            errors.Add($"{file.Name}, document {number}, line {exception.Line}", exception.Message);
        }
        catch (YamlException exception)
        {
            errors.Add($"{file.Name}, document {number}, line {exception.Start.Line}", $"this is no YAML: {exception.Message}");
        }
        catch (DecoderFallbackException)
        {
            errors.Add(file.Name, "this is no text in UTF-8.");
        }

        return documents;
    }
}
