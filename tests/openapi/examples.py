"""Holds every example of an OpenAPI document against the schema beside it: examples.py DOCUMENT"""

import json
import sys

import jsonschema_rs

PROBLEM = 1


def contents(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = f"{method.upper()} {path}"
            body = operation.get("requestBody", {}).get("content", {})
            yield from ((f"{name} request", content) for content in body.values())
            for status, response in operation["responses"].items():
                answer = response.get("content", {})
                yield from ((f"{name} {status}", content) for content in answer.values())


def examples(content):
    if "example" in content:
        yield content["example"]
    yield from (example["value"] for example in content.get("examples", {}).values())


def main(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    checked = wrong = 0
    for where, content in contents(document):
        # A schema refers to others by their place in the document.
        schema = {"components": document["components"], "allOf": [content.get("schema", {})]}
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for example in examples(content):
            checked += 1
            for error in validator.iter_errors(example):
                wrong += 1
                print(f"{where}: {error.message} at {list(error.instance_path)}")
    print(f"{checked} examples, {wrong} mistakes")
    return PROBLEM if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
