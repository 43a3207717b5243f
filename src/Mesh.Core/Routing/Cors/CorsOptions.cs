using Mesh.Configuration;

namespace Mesh.Routing.Cors;

/// <summary>Which web pages of other origins may call: shape and meaning of the Gateway API's <c>HTTPCORSFilter</c>.</summary>
public sealed class CorsOptions
{
    /// <summary>Origins that may: <c>https://shop.example</c>, all below a domain (<c>https://*.shop.example</c>), or <c>*</c> for every one.</summary>
    /// <value>Default: empty, which is none.</value>
    public List<string> AllowOrigins { get; set; } = [];

    /// <summary>Whether pages may send cookies and other credentials. Not together with the origin <c>*</c>.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowCredentials { get; set; }

    /// <summary>Methods that pages may use, or <c>*</c>.</summary>
    /// <value>Default: <c>GET</c>, <c>HEAD</c> and <c>POST</c>, which browsers allow anyway.</value>
    public List<string> AllowMethods { get; set; } = [];

    /// <summary>Header fields that pages may send, or <c>*</c>.</summary>
    /// <value>Default: empty, which leaves those that browsers allow anyway.</value>
    public List<string> AllowHeaders { get; set; } = [];

    /// <summary>Header fields of the response that pages may read, or <c>*</c>.</summary>
    /// <value>Default: empty, which leaves those that browsers allow anyway.</value>
    public List<string> ExposeHeaders { get; set; } = [];

    /// <summary>For how many seconds a browser may remember the answer to its preflight: 1 to 86,400.</summary>
    /// <value>Default 5.</value>
    public int MaxAge { get; set; } = 5;

    internal static void Read(ConfigurationReader reader, CorsOptions options)
    {
        options.AllowOrigins = reader.Texts(nameof(AllowOrigins)) ?? options.AllowOrigins;
        options.AllowCredentials = reader.Boolean(nameof(AllowCredentials)) ?? options.AllowCredentials;
        options.AllowMethods = reader.Texts(nameof(AllowMethods)) ?? options.AllowMethods;
        options.AllowHeaders = reader.Texts(nameof(AllowHeaders)) ?? options.AllowHeaders;
        options.ExposeHeaders = reader.Texts(nameof(ExposeHeaders)) ?? options.ExposeHeaders;
        options.MaxAge = reader.Integer(nameof(MaxAge)) ?? options.MaxAge;
    }
}
