// The edge: the public speaks HTTP and tokens to it, it speaks mutual TLS to the services.
var builder = WebApplication.CreateBuilder(args);
builder.AddMeshGateway(); // routes, tokens, authorization and limits: section "Mesh"

var app = builder.Build();
app.MapMeshGateway();
app.Run();
