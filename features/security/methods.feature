Feature: What the login path offers
  Which HTTP methods that are, differs from dialect to dialect: form validates,
  extends and deletes at its login path, and session may declare that sessions
  are ended there.

  @session @SEC-07
  Scenario: The login path offers no method that is not declared
    Given the full account is logged in
    When the login path is asked with each of "PUT, PATCH, DELETE" that is not declared
    Then each is refused with 404 or 405

  @SEC-07
  Scenario Outline: The login path does not offer <method>
    Given a login obtained a token
    When the login path is asked with the method "<method>"
    Then it is refused with 404 or 405

    @form @rpc @scoped
    Examples:
      | method |
      | PATCH  |

    @rpc @scoped
    Examples:
      | method |
      | PUT    |
      | DELETE |
