using Mesh.Configuration;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Discovery;

/// <summary>Reads lists of endpoints in the section <c>Services</c> whose entries are more than addresses.</summary>
internal static class ConfiguredServices
{
    /// <summary>Whether an entry of the list says more than an address; otherwise Microsoft's provider reads it as ever.</summary>
    public static bool HasMetadata(IConfigurationSection list) =>
        list.GetChildren().Any(static entry => int.TryParse(entry.Key, out _) && entry.GetChildren().Any());

    /// <summary>Reads the entries of one list.</summary>
    public static List<ConfiguredEndpoint> Read(IConfigurationSection list, ConfigurationErrors errors)
    {
        List<ConfiguredEndpoint> endpoints = [];
        foreach (var entry in list.GetChildren())
        {
            if (int.TryParse(entry.Key, out _))
            {
                endpoints.Add(ConfiguredEndpoint.Read(entry, errors));
            }
            else
            {
                errors.Add(entry.Path, "found a name, allowed are the numbers of a list.");
            }
        }

        return endpoints;
    }

    /// <summary>Reads every list of every service, for the check before the application starts.</summary>
    public static void Check(IConfigurationSection services)
    {
        var errors = new ConfigurationErrors();
        foreach (var list in services.GetChildren().SelectMany(static service => service.GetChildren()).Where(HasMetadata))
        {
            Read(list, errors);
        }

        errors.ThrowIfAny(services.Path);
    }
}
