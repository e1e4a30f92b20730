// Stands in for a provider of Terraform: it knows what the real one takes and gives, and does nothing. So
// `tofu validate` can tell what is misspelt, missing or of another type, and `tofu test` can plan with mocks.
//
// What it knows is in schemas.json beside it; TERRAFORM_PROVIDER_KINDS names the kinds of things that are
// asked for, separated by commas, for all there are would take a minute to hand over.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type attribute struct {
	Type     json.RawMessage
	Required bool
	Computed bool
	Given    bool
}

type nested struct {
	Block  block
	Min    int64
	Max    int64
	Single bool
}

type block struct {
	Attributes map[string]attribute
	Blocks     map[string]nested
}

type schemas struct {
	Provider  block
	Resources map[string]block
	Data      map[string]block
}

// What is not answered here is never asked: tests mock it.
type provider struct {
	tfprotov6.ProviderServer
	known tfprotov6.GetProviderSchemaResponse
}

func (p *provider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &p.known, nil
}

func (p *provider) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (p *provider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p *provider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

// A state is as it was written: there is one version of everything.
func (p *provider) UpgradeResourceState(_ context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	kind := p.known.ResourceSchemas[request.TypeName].ValueType()
	value, err := request.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(kind, value)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &state}, err
}

func (p *provider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (b block) schema() *tfprotov6.SchemaBlock {
	result := &tfprotov6.SchemaBlock{}
	for name, attribute := range b.Attributes {
		kind, err := tftypes.ParseJSONType(attribute.Type) //nolint:staticcheck // It is the only way from JSON.
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		result.Attributes = append(result.Attributes, &tfprotov6.SchemaAttribute{
			Name:     name,
			Type:     kind,
			Required: attribute.Required,
			Optional: !attribute.Required && !attribute.Given,
			Computed: attribute.Computed,
		})
	}
	for name, inner := range b.Blocks {
		nesting := tfprotov6.SchemaNestedBlockNestingModeList
		if inner.Single {
			nesting, inner.Min, inner.Max = tfprotov6.SchemaNestedBlockNestingModeSingle, 0, 0
		}
		result.BlockTypes = append(result.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name,
			Nesting:  nesting,
			Block:    inner.Block.schema(),
			MinItems: inner.Min,
			MaxItems: inner.Max,
		})
	}
	return result
}

func wanted(kinds map[string]block) map[string]*tfprotov6.Schema {
	result := map[string]*tfprotov6.Schema{}
	for _, name := range strings.Split(os.Getenv("TERRAFORM_PROVIDER_KINDS"), ",") {
		if kind, known := kinds[name]; known {
			result[name] = &tfprotov6.Schema{Block: kind.schema()}
		}
	}
	return result
}

func main() {
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(program), "schemas.json"))
	if err != nil {
		log.Fatal(err)
	}
	var known schemas
	if err := json.Unmarshal(text, &known); err != nil {
		log.Fatal(err)
	}
	served := &provider{known: tfprotov6.GetProviderSchemaResponse{
		Provider:          &tfprotov6.Schema{Block: known.Provider.schema()},
		ResourceSchemas:   wanted(known.Resources),
		DataSourceSchemas: wanted(known.Data),
	}}
	name := "hashicorp/" + strings.TrimPrefix(filepath.Base(program), "terraform-provider-")
	if err := tf6server.Serve(name, func() tfprotov6.ProviderServer { return served }); err != nil {
		log.Fatal(err)
	}
}
